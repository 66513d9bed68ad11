// Traffic follows kubectl: what is applied is served, what is edited or patched changes answers at once, what is deleted is gone; and
// the user sees in the Ingress where it is reached, what it leads to and what is wrong with it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { ensureKubectls } from '../../../tools/ensure-kubectl.ts';
import { ask, renderManifest, startApp } from '../../cli/up-process.ts';
import { openShell, readKubeconfig } from './shell.ts';
import type { Shell } from './shell.ts';
import { startControlledUp } from './start-controlled-up.ts';
import type { ControlledUp } from './start-controlled-up.ts';

const deadlineMs = 15_000;

/** Asks again and again until the answer is the wanted one. */
async function until<Kind>(
  question: () => Promise<Kind>,
  isWanted: (answer: Kind) => boolean,
): Promise<Kind> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const answer = await question();
    if (isWanted(answer)) return answer;
    if (performance.now() > endMs) throw new Error(`still ${JSON.stringify(answer)} after ${deadlineMs} ms`);
  }
}

/** The name in the certificate that a client gets for a host. */
async function certificateOf(port: number, servername: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subjectaltname = '' } = socket.getPeerCertificate();
  socket.destroy();
  return subjectaltname;
}

const classes = `apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: ours-<ns>, annotations: { ingressclass.kubernetes.io/is-default-class: "true" } }
spec: { controller: sallyport.dev/ingress-controller }
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: theirs-<ns> }
spec: { controller: example.com/other }
`;

for (const kubectl of ensureKubectls()) {
  describe(`traffic follows kubectl 1.${kubectl.minor}`, () => {
    let up: ControlledUp;
    let shell: Shell;
    let one: Awaited<ReturnType<typeof startApp>>;
    let two: typeof one;

    before(async () => {
      one = await startApp((request, response) => response.end(`one ${request.url}`));
      two = await startApp((_request, response) => response.end('two'));
      up = await startControlledUp();
      const files = new Map([
        ['shop.yaml', renderManifest('shop', 'shop.example.com', one.port)],
        ['other.yaml', renderManifest('other', 'other.example.com', two.port)],
        ['classes.yaml', classes],
        ['rename.sh', 'sed -i s/shop.example.com/renamed.example.com/ "$1"\n'],
      ]);
      shell = await openShell({ kubectl, kubeconfig: readKubeconfig(up.kubeconfig), files });
    });
    after(async () => {
      shell.remove();
      await up.remove();
      one.close();
      two.close();
    });

    const answerOf = (host: string, path = '/') =>
      until(
        () => ask(up.httpPort, host, path),
        ({ status }) => status === 200,
      );

    it('apply: served, with its address, endpoints and Events in the Ingress', async () => {
      assert.equal((await ask(up.httpPort, 'shop.example.com')).status, 404);
      await shell.run('kubectl apply -f shop.yaml');
      assert.equal((await answerOf('shop.example.com')).body, 'one /');
      await until(
        () => shell.run('kubectl get ingress shop --no-headers'),
        (shown) => /^shop +<none> +shop\.example\.com +127\.0\.0\.1 +80 +<age>$/.test(shown),
      );
      const described = await until(
        () => shell.run('kubectl describe ingress shop'),
        (shown) => shown.includes(' Sync '),
      );
      // Before 1.31 kubectl reads Endpoints, of which nobody made any.
      const endpoints = kubectl.minor < 31 ? '<error: endpoints "shop" not found>' : `127.0.0.1:${one.port}`;
      assert.ok(described.includes(` shop:80 (${endpoints})\n`), described);
      assert.match(
        described,
        /^ {2}Normal +Sync .* sallyport-ingress-controller +generation 1 served after /m,
      );
    });

    it('patch, edit, annotate: the next answers are other ones', async () => {
      await shell.run('kubectl apply -f other.yaml');
      assert.equal((await answerOf('other.example.com')).body, 'two');
      const path = '/spec/rules/0/http/paths/0/backend/service/name';
      const patch = JSON.stringify([{ op: 'replace', path, value: 'other' }]);
      await shell.run(`kubectl patch ingress shop --type=json -p '${patch}'`);
      await until(
        () => ask(up.httpPort, 'shop.example.com'),
        ({ body }) => body === 'two',
      );
      await shell.run(`kubectl patch ingress shop --type=json -p '${patch.replace('other', 'shop')}'`);
      assert.match(
        await shell.run("KUBE_EDITOR='bash rename.sh' kubectl edit ingress shop"),
        /^ingress.networking.k8s.io\/shop edited$/,
      );
      assert.equal((await answerOf('renamed.example.com', '/deep')).body, 'one /deep');
      assert.equal((await ask(up.httpPort, 'shop.example.com')).status, 404);
      await shell.run('kubectl annotate ingress shop nginx.ingress.kubernetes.io/rewrite-target=/fixed');
      await until(
        () => ask(up.httpPort, 'renamed.example.com', '/deep'),
        ({ body }) => body === 'one /fixed',
      );
    });

    it('endpoints: traffic goes where the slice says; without any, 503', async () => {
      const ports = JSON.stringify({ ports: [{ port: two.port }] });
      await shell.run(`kubectl patch endpointslice shop --type=merge -p '${ports}'`);
      await until(
        () => ask(up.httpPort, 'renamed.example.com'),
        ({ body }) => body === 'two',
      );
      await shell.run('kubectl delete endpointslice shop');
      await until(
        () => ask(up.httpPort, 'renamed.example.com'),
        ({ status }) => status === 503,
      );
    });

    it('TLS: a Secret by kubectl, used from the moment it is there; until then an Event says what is missing', async () => {
      const tls = JSON.stringify({ spec: { tls: [{ hosts: ['foo.example.com'], secretName: 'cert' }] } });
      await shell.run(`kubectl patch ingress other --type=merge -p '${tls}'`);
      await until(
        () => shell.run('kubectl get events'),
        (shown) => /Warning +SecretMissing +ingress\/other +spec\.tls\[0\]\.secretName: Secret/.test(shown),
      );
      const before = await certificateOf(up.httpsPort, 'foo.example.com');
      await shell.run(
        'kubectl create secret tls cert --cert=$CERTIFICATES/foo.crt --key=$CERTIFICATES/foo.key',
      );
      const served = await until(
        () => certificateOf(up.httpsPort, 'foo.example.com'),
        (name) => name !== before,
      );
      assert.equal(served, 'DNS:foo.example.com');
    });

    it('classes: the default one is filled in, those of other controllers are left alone', async () => {
      await shell.run('kubectl apply -f classes.yaml');
      const rule = (host: string): string => `--rule='${host}/*=other:80'`;
      await shell.run(`kubectl create ingress defaulted ${rule('defaulted.example.com')}`);
      await shell.run(`kubectl create ingress foreign --class=theirs-$NS ${rule('foreign.example.com')}`);
      assert.equal(
        await shell.run(
          "kubectl get ingress defaulted foreign -o jsonpath='{.items[*].spec.ingressClassName}'",
        ),
        'ours-<ns> theirs-<ns>',
      );
      assert.equal((await answerOf('defaulted.example.com')).body, 'two');
      assert.equal((await ask(up.httpPort, 'foreign.example.com')).status, 404);
    });

    it('delete: gone; and with its namespace everything', async () => {
      await shell.run('kubectl delete ingress shop');
      await until(
        () => ask(up.httpPort, 'renamed.example.com'),
        ({ status }) => status === 404,
      );
      await shell.run('kubectl delete namespace $NS');
      await until(
        () => ask(up.httpPort, 'defaulted.example.com'),
        ({ status }) => status === 404,
      );
    });

    it('killed and started again: traffic flows before anybody types anything', async () => {
      const kept = renderManifest('kept', 'kept.example.com', one.port);
      await shell.runRaw(`kubectl -n default apply -f - <<'END'\n${kept}END`);
      assert.equal((await answerOf('kept.example.com')).body, 'one /');
      await up.kill();
      up = await startControlledUp({ previous: up });
      assert.equal((await ask(up.httpPort, 'kept.example.com')).body, 'one /');
    });
  });
}
