// kubectl get --watch: what it shows while others write, and what a killed server knows when it comes back.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ensureKubectls } from '../../../tools/ensure-kubectl.ts';
import { openShell, readKubeconfig } from './shell.ts';
import type { Shell } from './shell.ts';
import { startControlledUp } from './start-controlled-up.ts';
import type { ControlledUp } from './start-controlled-up.ts';

const kubectls = ensureKubectls();
const flags = ['--watch-ingress-without-class=false'];

describe('kubectl get --watch', () => {
  let up: ControlledUp;
  before(async () => {
    up = await startControlledUp({ flags });
  });
  after(() => up.remove());

  for (const kubectl of kubectls) {
    describe(`with kubectl 1.${kubectl.minor}`, () => {
      let shell: Shell;
      before(async () => {
        shell = await openShell({ kubectl, kubeconfig: readKubeconfig(up.kubeconfig) });
      });
      after(() => shell.remove());

      const create = (name: string): Promise<string> =>
        shell.runRaw(`kubectl create ingress ${name} --class=other --rule='${name}.example.com/=web:80'`);
      const columns = (output: string): string[] =>
        output
          .trimEnd()
          .split('\n')
          .map((line) => line.trim().split(/\s+/).slice(0, 3).join(' '));

      it('shows what is there, then every change', async () => {
        await create('one');
        const watch = shell.start('kubectl get ingress -w');
        await watch.waitFor(/^one /m);
        await create('two');
        await watch.waitFor(/^two /m);
        await shell.runRaw(`kubectl patch ingress one -p '{"spec":{"ingressClassName":"changed"}}'`);
        await watch.waitFor(/^one +changed /m);
        await shell.runRaw('kubectl delete ingress two');
        await watch.waitFor(/(?:^two [^]*){2}/m);
        watch.stop();
        await watch.ended;
        assert.deepEqual(columns(watch.output()), [
          'NAME CLASS HOSTS',
          'one other one.example.com',
          'two other two.example.com',
          'one changed one.example.com',
          'two other two.example.com',
        ]);
      });

      it('one object: its first change is not lost', async () => {
        const watch = shell.start('kubectl get ingress one -w --output-watch-events');
        await watch.waitFor(/ one /);
        await shell.runRaw('kubectl label ingress one a=b');
        await watch.waitFor(/^MODIFIED +one /m);
        await create('other');
        await shell.runRaw('kubectl delete ingress one');
        await watch.waitFor(/^DELETED +one /m);
        watch.stop();
        await watch.ended;
        const events = columns(watch.output()).map((line) => line.split(' ').slice(0, 2).join(' '));
        assert.deepEqual(events, ['EVENT NAME', 'ADDED one', 'MODIFIED one', 'DELETED one']);
      });

      it('only what is asked for: -l, and what begins or ceases to match', async () => {
        const watch = shell.start('kubectl get ingress -l app=shop --watch-only --output-watch-events');
        await shell.runRaw('kubectl label ingress other app=none');
        // Whether the watch has begun cannot be seen from outside: the label comes and goes until it shows.
        for (let tries = 0; tries < 50 && !/^DELETED/m.test(watch.output()); tries += 1) {
          await shell.runRaw('kubectl label ingress other app=shop --overwrite');
          await shell.runRaw('kubectl label ingress other app-');
        }
        await watch.waitFor(/^ADDED +other [^]*^DELETED +other /m);
        watch.stop();
        await watch.ended;
      });

      it('kubectl wait: ends when what it waits for happens', async () => {
        // It tells its requests. It watches, or asks again and again for what is not there yet.
        const wait = async (what: string, happen: string): Promise<string> => {
          const waiting = shell.start(`kubectl wait ${what} --timeout=25s -v=6`);
          await waiting.waitFor(/watch=true|404 Not Found/);
          await shell.runRaw(happen);
          // Its client may log after it, that the watch was closed under it.
          const shown = await waiting.ended;
          return shown.split('\n').find((line) => line.endsWith('condition met')) ?? shown;
        };
        await create('awaited');
        const status = `'{"status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}}'`;
        if (kubectl.minor >= 27) {
          assert.equal(
            await wait(
              `--for=jsonpath='{.status.loadBalancer.ingress[0].ip}'=1.2.3.4 ingress/awaited`,
              `kubectl patch ingress awaited --subresource=status --type=merge -p ${status}`,
            ),
            'ingress.networking.k8s.io/awaited condition met',
          );
        }
        assert.equal(
          await wait('--for=delete ingress/awaited', 'kubectl delete ingress awaited'),
          'ingress.networking.k8s.io/awaited condition met',
        );
        if (kubectl.minor < 31) return;
        assert.equal(
          await wait('--for=create configmap/late', 'kubectl create configmap late'),
          'configmap/late condition met',
        );
      });
    });
  }
});

describe('a server that was killed', { concurrency: 1 }, () => {
  let up: ControlledUp;
  before(async () => {
    up = await startControlledUp({ flags });
  });
  after(() => up.remove());

  for (const kubectl of kubectls) {
    it(`has everything when it comes back, and its watches go on; kubectl 1.${kubectl.minor}`, async () => {
      const shell = await openShell({ kubectl, kubeconfig: readKubeconfig(up.kubeconfig) });
      try {
        const path = `/apis/networking.k8s.io/v1/namespaces/${shell.namespace}/ingresses`;
        const list = async (): Promise<{ metadata: { resourceVersion: string } }> =>
          JSON.parse(await shell.runRaw(`kubectl get --raw ${path}`)) as {
            metadata: { resourceVersion: string };
          };
        await shell.runRaw(`kubectl create ingress kept --class=other --rule='a.example.com/=web:80'`);
        const seen = (await list()).metadata.resourceVersion;
        await shell.runRaw('kubectl label ingress kept missed=yes');
        const objects = 'kubectl get ns,svc,ingress -A -o yaml';
        const earlier = await shell.runRaw(objects);
        const watch = shell.start('kubectl get ingress -w');
        await watch.waitFor(/^kept /m);

        await up.kill();
        await watch.ended;
        up = await startControlledUp({ flags, previous: up });

        assert.equal(await shell.runRaw(objects), earlier);
        await shell.runRaw('kubectl label ingress kept later=yes');
        const newest = (await list()).metadata.resourceVersion;
        assert.ok(BigInt(newest) > BigInt(seen));
        const resumed = await shell.runRaw(
          `kubectl get --raw '${path}?watch=true&resourceVersion=${seen}&timeoutSeconds=1'`,
        );
        const events = resumed
          .split('\n')
          .map(
            (line) =>
              JSON.parse(line) as { type: string; object: { metadata: { labels: Record<string, string> } } },
          );
        assert.deepEqual(
          events.map(({ type, object }) => [type, object.metadata.labels]),
          [
            ['MODIFIED', { missed: 'yes' }],
            ['MODIFIED', { missed: 'yes', later: 'yes' }],
          ],
        );
      } finally {
        shell.remove();
      }
    });
  }
});
