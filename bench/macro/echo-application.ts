// The WebSocket application behind the proxies: sends each message back. On the load core, as the other backend.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { canConnect } from './probe.ts';
import { type Program, findFreePorts, startProgram, waitUntil } from './processes.ts';

export interface EchoApplication {
  readonly program: Program;
  readonly port: number;
}

/** `client`: the path of the program of client/. */
export async function startEchoApplication(
  client: string,
  folder: string,
  core: number,
): Promise<EchoApplication> {
  mkdirSync(folder, { recursive: true });
  const [port = 0] = await findFreePorts(1);
  const log = join(folder, 'output.log');
  const program = startProgram({
    core,
    command: client,
    words: ['echo', '-address', `127.0.0.1:${port}`],
    outputPath: log,
    errorPath: log,
    environment: { GOMAXPROCS: '1' },
  });
  await waitUntil(program, () => canConnect(port), 'The WebSocket application');
  return { program, port };
}
