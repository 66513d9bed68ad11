// `sallyport up` with its API server, as a user starts it, on free ports and with a data folder that may be kept for a second start.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, root, runProcess } from '../../cli/up-process.ts';
import type { Running } from '../../cli/up-process.ts';

export interface ControlledUp extends Running {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly apiPort: number;
  readonly dataFolder: string;
  /** Path of the file that it wrote. */
  readonly kubeconfig: string;
  /** Ends it at once (SIGKILL); the data folder stays. */
  readonly kill: () => Promise<void>;
  /** Ends it and removes its data folder. */
  readonly remove: () => Promise<void>;
}

export interface ControlledUpOptions {
  readonly flags?: readonly string[];
  /** Of an earlier start: its data folder and ports are taken again. */
  readonly previous?: ControlledUp;
}

/** Resolves once it is ready to serve. */
export async function startControlledUp({
  flags = [],
  previous,
}: ControlledUpOptions = {}): Promise<ControlledUp> {
  const dataFolder = previous?.dataFolder ?? mkdtempSync(join(tmpdir(), 'sallyport-kubectl-up-'));
  const httpPort = previous?.httpPort ?? (await findFreePort());
  const httpsPort = previous?.httpsPort ?? (await findFreePort());
  const apiPort = previous?.apiPort ?? (await findFreePort());
  const ports = ['--http-port', httpPort, '--https-port', httpsPort, '--api-port', apiPort].map(String);
  const kept = ['--data-dir', dataFolder, '--admin-port', '0', '--workers', '1', '--access-log', 'off'];
  const running = runProcess(join(root, 'bin/sallyport.js'), ['up', ...ports, ...kept, ...flags]);
  await running.waitFor(/"message":"ready"/);
  const kill = async (): Promise<void> => {
    running.child.kill('SIGKILL');
    await running.ended;
  };
  const remove = async (): Promise<void> => {
    await kill();
    rmSync(dataFolder, { recursive: true, force: true });
  };
  const kubeconfig = join(dataFolder, 'kubeconfig');
  return { ...running, httpPort, httpsPort, apiPort, dataFolder, kubeconfig, kill, remove };
}
