// nginx as ingress-nginx sets it up, without the Lua: its forwarded fields, its log format, its buffer for the log.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderNginxHead, renderNginxTemporaryPaths } from '../nginx-files.ts';
import { canConnect } from '../probe.ts';
import { findFreePorts, startProgram, waitUntil } from '../processes.ts';
import { type RunningProxy, type VariantContext, hosts, upstreamKeepAlive } from '../variant.ts';

const logFormat = [
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
  '$request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr',
  '$upstream_response_length $upstream_response_time $upstream_status $request_id',
].join(' ');

function renderServer(listen: string, name: string, tls: string): string {
  return `  server {
    listen 127.0.0.1:${listen} reuseport backlog=4096;
    server_name ${name};
${tls}    location / {
      set $proxy_upstream_name "default-web-80";
      set $proxy_alternative_upstream_name "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Request-ID $request_id;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Scheme $scheme;
      proxy_set_header X-Scheme $scheme;
      proxy_set_header Connection "";
      proxy_http_version 1.1;
      proxy_pass http://backend;
    }
  }
`;
}

/**
 * With its own defaults (8 buffers of 4 KiB, then a temporary file) nginx spends far more on a large body than with one large
 * buffer that it passes on at once; ingress-nginx switches buffering off too, but leaves the buffer at 4 KiB.
 */
const tunedBuffers = `  proxy_buffering off;
  proxy_buffer_size 64k;
  proxy_buffers 8 64k;
  proxy_busy_buffers_size 128k;
`;

function renderConfig(context: VariantContext, buffers: string, httpPort: number, httpsPort: number): string {
  const { folder, certificatePath, keyPath } = context;
  const tls = `    ssl_certificate ${certificatePath};
    ssl_certificate_key ${keyPath};
    ssl_protocols TLSv1.3;
`;
  return `${renderNginxHead(folder)}http {
${renderNginxTemporaryPaths(folder)}  log_format ingress '${logFormat}';
  access_log ${folder}/access.log ingress buffer=64k flush=1s;
  sendfile on;
  tcp_nodelay on;
  keepalive_timeout 75s;
${buffers}  upstream backend {
    server 127.0.0.1:${context.backendPort};
    keepalive ${upstreamKeepAlive};
    keepalive_requests 10000;
  }
${renderServer(`${httpPort}`, hosts.plain, '')}${renderServer(`${httpsPort} ssl`, hosts.tls, tls)}}
`;
}

async function startWithBuffers(context: VariantContext, buffers: string): Promise<RunningProxy> {
  const [httpPort = 0, httpsPort = 0] = await findFreePorts(2);
  const { folder, core } = context;
  const configPath = join(folder, 'nginx.conf');
  writeFileSync(configPath, renderConfig(context, buffers, httpPort, httpsPort));
  const log = join(folder, 'output.log');
  const program = startProgram({
    core,
    command: 'nginx',
    words: ['-p', folder, '-e', join(folder, 'error.log'), '-c', configPath],
    outputPath: log,
    errorPath: log,
  });
  await waitUntil(program, () => canConnect(httpsPort), 'nginx');
  return { program, httpPort, httpsPort };
}

/** At its best. */
export async function startNginx(context: VariantContext): Promise<RunningProxy> {
  return await startWithBuffers(context, tunedBuffers);
}

/** With the buffers that it has when nobody says anything. */
export async function startNginxDefaultBuffers(context: VariantContext): Promise<RunningProxy> {
  return await startWithBuffers(context, '');
}
