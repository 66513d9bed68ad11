// The application behind every proxy: an nginx on the load core that answers from memory, so that it is never what is measured.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderNginxHead, renderNginxTemporaryPaths } from './nginx-files.ts';
import { canConnect } from './probe.ts';
import { type Program, findFreePorts, startProgram, waitUntil } from './processes.ts';

export interface Backend {
  readonly program: Program;
  /** Answers every path with a hundred bytes that begin with `a`; `/16k` and `/1m` are files of that size. */
  readonly port: number;
  /** The same, beginning with `b`: another Service, for edits that must show. */
  readonly otherPort: number;
  /** HTTP/2 without TLS: answers every call with the same message and status 0. */
  readonly grpcPort: number;
  /** That message; clients send the same. */
  readonly grpcMessagePath: string;
}

/** What is called. */
export const grpcPath = '/bench.Echo/Say';

/** Of gRPC: not compressed, the length, and so many bytes. */
export function renderGrpcMessage(): Buffer {
  const text = Buffer.alloc(100, 'a');
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(text.length, 1);
  return Buffer.concat([prefix, text]);
}

function renderConfig(folder: string, port: number, otherPort: number, grpcPort: number): string {
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
  server {
    listen 127.0.0.1:${grpcPort} ${listen} http2;
    root ${folder};
    # Reads the call before it is answered, as applications do: who mirrors wants the body, be it to nobody.
    mirror /nobody;
    location = /nobody { return 204; }
    # The error page of a POST to the file is the file.
    error_page 405 =200 ${grpcPath};
    default_type application/grpc;
    add_trailer grpc-status 0;
    # No application announces the length of its messages, and nginx as a proxy passes on no trailers behind one that is:
    # who looks for includes says none.
    ssi on;
    ssi_types application/grpc;
  }
}
`;
}

export async function startBackend(folder: string, core: number): Promise<Backend> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '16k'), Buffer.alloc(16 * 1_024, 'a'));
  writeFileSync(join(folder, '1m'), Buffer.alloc(1_024 * 1_024, 'a'));
  const grpcMessagePath = join(folder, grpcPath);
  mkdirSync(dirname(grpcMessagePath));
  writeFileSync(grpcMessagePath, renderGrpcMessage());
  const [port = 0, otherPort = 0, grpcPort = 0] = await findFreePorts(3);
  const configPath = join(folder, 'nginx.conf');
  writeFileSync(configPath, renderConfig(folder, port, otherPort, grpcPort));
  const log = join(folder, 'output.log');
  const program = startProgram({
    core,
    command: 'nginx',
    words: ['-p', folder, '-e', join(folder, 'error.log'), '-c', configPath],
    outputPath: log,
    errorPath: log,
  });
  await waitUntil(program, () => canConnect(grpcPort), 'The backend');
  return { program, port, otherPort, grpcPort, grpcMessagePath };
}
