// The application behind every proxy: an nginx on the load core that answers from memory, so that it is never what is measured.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderNginxHead, renderNginxTemporaryPaths } from './nginx-files.ts';
import { canConnect } from './probe.ts';
import { type Program, findFreePorts, startProgram, waitUntil } from './processes.ts';

export interface Backend {
  readonly program: Program;
  /** Answers every path with a hundred bytes that begin with `a`; `/16k` and `/1m` are files of that size. */
  readonly port: number;
  /** The same, beginning with `b`: another Service, for edits that must show. */
  readonly otherPort: number;
}

function renderConfig(folder: string, port: number, otherPort: number): string {
  const listen = 'reuseport backlog=4096';
  return `${renderNginxHead(folder)}http {
${renderNginxTemporaryPaths(folder)}  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  open_file_cache max=10;
  default_type text/plain;
  server {
    listen 127.0.0.1:${port} ${listen};
    location / { return 200 "${'a'.repeat(99)}\\n"; }
    location = /16k { root ${folder}; }
    location = /1m { root ${folder}; }
  }
  server {
    listen 127.0.0.1:${otherPort} ${listen};
    location / { return 200 "${'b'.repeat(99)}\\n"; }
  }
}
`;
}

export async function startBackend(folder: string, core: number): Promise<Backend> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '16k'), Buffer.alloc(16 * 1_024, 'a'));
  writeFileSync(join(folder, '1m'), Buffer.alloc(1_024 * 1_024, 'a'));
  const [port = 0, otherPort = 0] = await findFreePorts(2);
  const configPath = join(folder, 'nginx.conf');
  writeFileSync(configPath, renderConfig(folder, port, otherPort));
  const log = join(folder, 'output.log');
  const program = startProgram({
    core,
    command: 'nginx',
    words: ['-p', folder, '-e', join(folder, 'error.log'), '-c', configPath],
    outputPath: log,
    errorPath: log,
  });
  await waitUntil(program, () => canConnect(otherPort), 'The backend');
  return { program, port, otherPort };
}
