// The worlds of the guides' commands: `sallyport up` with hosts for every protocol, the applications behind them, and a folder with the files
// that the commands name. Guides write the ports of the defaults; what is typed has those of the world.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect } from 'node:tls';
import { createSelfSigned } from '../../../src/cli/self-signed.ts';
import { answerQuestion, startResponder } from '../../behaviour/ocsp/responder.ts';
import { type Identity, TestAuthority } from '../../behaviour/test-authority.ts';
import { startPebble } from '../acme/pebble.ts';
import { servedCertificate } from '../acme/served-certificate.ts';
import { findFreePort, startUp } from '../../cli/up-process.ts';
import { typeLine } from '../kubectl/typed-line.ts';
import { type Backends, startBackends } from './backends.ts';
import { type Ports, renderObjects } from './objects.ts';

export interface World {
  /** What the terminal shows, as a guide would print it. */
  readonly type: (command: string) => Promise<string>;
}

export const worlds = ['protocols', 'behind-a-balancer', 'certificates'] as const;

/** A port of the defaults, and which of the world stands for it. */
const documented: readonly (readonly [number, keyof Ports])[] = [
  [8080, 'http'],
  [8443, 'https'],
  [10254, 'admin'],
  [5432, 'tcp'],
  [5353, 'udp'],
];

const flagsOf: Readonly<Record<(typeof worlds)[number], readonly string[]>> = {
  protocols: ['--tcp-services-configmap', 'default/tcp', '--udp-services-configmap', 'default/udp'],
  'behind-a-balancer': ['--use-proxy-protocol', '--proxy-real-ip-cidr', '127.0.0.0/8'],
  certificates: ['--acme-agree-tos', '--acme-email', 'ops@example.com'],
};

/** A certificate that vouches for itself, for a few names. */
export interface OwnCertificate {
  readonly cert: string;
  readonly key: string;
}

function certify(...dnsNames: string[]): OwnCertificate {
  const dayMs = 86_400_000;
  const times = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) };
  const { chainPem, keyPem } = createSelfSigned({ commonName: dnsNames[0] ?? '', dnsNames, ...times });
  return { cert: chainPem, key: keyPem };
}

/** A certificate with a responder that vouches for it. */
async function startStatus(t: TestContext): Promise<{ authority: TestAuthority; identity: Identity }> {
  const authority = new TestAuthority('Example CA');
  const responder = await startResponder(t, async (question) => ({
    body: await answerQuestion(authority, question, { known: { identity } }),
  }));
  const identity = authority.issue('status.test', { usage: 'serverAuth', ocspUrl: responder.url });
  return { authority, identity };
}

export async function startWorld(t: TestContext, name: (typeof worlds)[number]): Promise<World> {
  const shop = certify('shop.test', 'till.test', 'help.test');
  const vault = certify('vault.example.com');
  const clients = new TestAuthority('Shop clients');
  const till = clients.issue('till-7', { organizations: ['Shop'] });
  const status = await startStatus(t);
  const backends: Backends = await startBackends(t, vault);
  const [tcp, udp] = [await findFreePort(), await findFreePort()];
  const secrets = { shop, vault, clients: clients.pem, status };
  const [http, https] = [await findFreePort(), await findFreePort()];
  const flags = ['--http-port', `${http}`, '--https-port', `${https}`, '--configmap', 'default/settings'];
  flags.push('--enable-ssl-passthrough', ...flagsOf[name]);
  const pebble = name === 'certificates' ? await startPebble(t, { httpPort: http, httpsPort: https }) : null;
  if (pebble !== null)
    flags.push('--acme-directory', pebble.directoryUrl, '--acme-ca-file', pebble.authorityPath);
  const manifests = { 'all.json': renderObjects({ backends, secrets, tcp, udp }) };
  const up = await startUp({ manifests, flags });
  t.after(up.remove);
  await up.waitFor(/is ready/);
  if (name === 'protocols') await untilStapled(https);
  const root = pebble === null ? '' : await pebble.readRoot();
  if (pebble !== null) await servedCertificate(https, 'shop.example.com', root);
  const ports: Ports = { http, https, admin: up.adminPort, tcp, udp };
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-guides-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const files = {
    'shop.crt': shop.cert,
    'vault.crt': vault.cert,
    'till.crt': till.cert,
    'till.key': till.key,
    'status-ca.crt': status.authority.pem,
    'root.crt': root,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const env = {
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    HOME: folder,
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
  };
  return {
    type: async (command) => {
      const shown = await typeLine(toWorld(command, ports), folder, env).ended;
      return toGuide(shown, ports);
    },
  };
}

/** The answer of the responder is on its way; no handshake waits for it. */
async function untilStapled(port: number): Promise<void> {
  for (;;) {
    const socket = connect({
      port,
      host: '127.0.0.1',
      servername: 'status.test',
      requestOCSP: true,
      rejectUnauthorized: false,
    });
    const [[response]] = await Promise.all([once(socket, 'OCSPResponse'), once(socket, 'secureConnect')]);
    socket.destroy();
    if (response !== null && (response as Buffer).length > 0) return;
  }
}

function toWorld(command: string, ports: Ports): string {
  const pattern = new RegExp(`\\b(?:${documented.map(([port]) => port).join('|')})\\b`, 'g');
  return command.replaceAll(pattern, (found) => {
    const name = documented.find(([port]) => String(port) === found)?.[1];
    return name === undefined ? found : String(ports[name]);
  });
}

/** With the ports of the defaults, and the same moment everywhere. */
function toGuide(shown: string, ports: Ports): string {
  let text = shown;
  for (const [port, name] of documented) text = text.replaceAll(String(ports[name]), String(port));
  return text
    .replaceAll('\r', '')
    .replaceAll(
      /[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g,
      'Sat, 21 Nov 2026 22:15:00 GMT',
    )
    .replaceAll(/[ \t]+$/gm, '')
    .trimEnd();
}
