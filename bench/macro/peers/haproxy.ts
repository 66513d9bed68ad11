// HAProxy with one thread, connections to the backend shared by all clients, and a log line for every request. It cannot open
// a file itself; standard output, which is one, costs it least.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canConnect } from '../probe.ts';
import { findFreePorts, startProgram, waitUntil } from '../processes.ts';
import { type RunningProxy, type VariantContext, upstreamKeepAlive } from '../variant.ts';

function renderFrontend(name: string, bind: string, port: number, scheme: string): string {
  return `frontend ${name}
  bind ${bind}
  unique-id-format %[uuid()]
  unique-id-header X-Request-ID
  http-request set-header X-Real-IP %[src]
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port ${port}
  http-request set-header X-Forwarded-Proto ${scheme}
  http-request set-header X-Forwarded-Scheme ${scheme}
  http-request set-header X-Scheme ${scheme}
  default_backend application
`;
}

function renderConfig(context: VariantContext, combinedPath: string, ports: readonly number[]): string {
  const [httpPort = 0, httpsPort = 0] = ports;
  const tls = `ssl crt ${combinedPath} ssl-min-ver TLSv1.3 alpn http/1.1`;
  return `global
  nbthread 1
  maxconn 400
  log stdout len 4096 format raw local0
defaults
  mode http
  log global
  option httplog
  option http-keep-alive
  http-reuse always
  timeout connect 5s
  timeout client 75s
  timeout server 60s
  timeout http-keep-alive 75s
${renderFrontend('plain', `127.0.0.1:${httpPort}`, httpPort, 'http')}${renderFrontend('secure', `127.0.0.1:${httpsPort} ${tls}`, httpsPort, 'https')}backend application
  server one 127.0.0.1:${context.backendPort} pool-max-conn ${upstreamKeepAlive}
`;
}

export async function startHaproxy(context: VariantContext): Promise<RunningProxy> {
  const ports = await findFreePorts(2);
  const { folder, core, certificatePath, keyPath } = context;
  const combinedPath = join(folder, 'combined.pem');
  writeFileSync(combinedPath, readFileSync(certificatePath, 'utf8') + readFileSync(keyPath, 'utf8'));
  const configPath = join(folder, 'haproxy.cfg');
  writeFileSync(configPath, renderConfig(context, combinedPath, ports));
  const program = startProgram({
    core,
    command: 'haproxy',
    words: ['-db', '-f', configPath],
    outputPath: join(folder, 'access.log'),
    errorPath: join(folder, 'output.log'),
  });
  const [httpPort = 0, httpsPort = 0] = ports;
  await waitUntil(program, () => canConnect(httpsPort), 'HAProxy');
  return { program, httpPort, httpsPort };
}
