// One run's temporary folder, its backend, cores and certificate: what every measure needs.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSelfSigned } from '../../src/cli/self-signed.ts';
import { type Backend, startBackend } from './backend.ts';
import { buildClient } from './client-program.ts';
import { type Cores, chooseCores } from './cores.ts';
import { type EchoApplication, startEchoApplication } from './echo-application.ts';
import { hosts } from './variant.ts';

export interface Workspace {
  readonly cores: Cores;
  readonly backend: Backend;
  readonly certificatePath: string;
  readonly keyPath: string;
  /** Built when it is first asked for. */
  clientProgram(): string;
  /** Started when it is first asked for. Its port. */
  echoPort(): Promise<number>;
  /** An empty folder. Remove it as soon as may be: access logs of a minute's load are large. */
  makeFolder(): string;
  /** Runs `action` with an empty folder, which is gone afterwards. */
  withFolder<T>(action: (folder: string) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const dayMs = 86_400_000;

export async function openWorkspace(): Promise<Workspace> {
  const cores = chooseCores();
  const root = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  process.on('exit', () => rmSync(root, { recursive: true, force: true }));
  const certificatePath = join(root, 'tls.crt');
  const keyPath = join(root, 'tls.key');
  const { chainPem, keyPem } = createSelfSigned({
    commonName: hosts.tls,
    dnsNames: [hosts.tls],
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + 30 * dayMs),
  });
  writeFileSync(certificatePath, chainPem);
  writeFileSync(keyPath, keyPem, { mode: 0o600 });
  const backend = await startBackend(join(root, 'backend'), cores.load);
  let client: string | null = null;
  const clientProgram = (): string => {
    client ??= buildClient(root);
    return client;
  };
  let echo: Promise<EchoApplication> | null = null;
  let nextFolder = 1;
  const makeFolder = (): string => {
    const folder = join(root, `step-${nextFolder}`);
    nextFolder += 1;
    mkdirSync(folder);
    return folder;
  };
  return {
    cores,
    backend,
    certificatePath,
    keyPath,
    clientProgram,
    async echoPort() {
      echo ??= startEchoApplication(clientProgram(), join(root, 'echo'), cores.load);
      return (await echo).port;
    },
    makeFolder,
    async withFolder(action) {
      const folder = makeFolder();
      try {
        return await action(folder);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    async close() {
      await backend.program.stop();
      await (await echo)?.program.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
