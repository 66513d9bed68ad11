// nginx as ingress-nginx sets it up, without the Lua: its forwarded fields, its log format, its buffer for the log.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderNginxHead, renderNginxTemporaryPaths } from '../nginx-files.ts';
import { canConnect } from '../probe.ts';
import { findFreePorts, startProgram, waitUntil } from '../processes.ts';
import {
  type Application,
  type RunningProxy,
  type VariantContext,
  hosts,
  http2RequestsPerConnection,
  upstreamKeepAlive,
} from '../variant.ts';

const logFormat = [
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
  '$request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr',
  '$upstream_response_length $upstream_response_time $upstream_status $request_id',
].join(' ');

/** How the request goes on: a gRPC backend takes HTTP/2, a WebSocket is asked for by the client. */
const passing: Readonly<Record<Application, string>> = {
  http: `      proxy_set_header Connection "";
      proxy_http_version 1.1;
      proxy_pass http://backend;
`,
  grpc: `      grpc_pass grpc://backend;
`,
  websocket: `      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_http_version 1.1;
      proxy_pass http://backend;
`,
};

function renderServer(listen: string, name: string, tls: string, application: Application): string {
  const fields = application === 'grpc' ? 'grpc_set_header' : 'proxy_set_header';
  return `  server {
    listen 127.0.0.1:${listen} reuseport backlog=4096;
    server_name ${name};
${tls}    location / {
      set $proxy_upstream_name "default-web-80";
      set $proxy_alternative_upstream_name "";
      ${fields} Host $http_host;
      ${fields} X-Request-ID $request_id;
      ${fields} X-Real-IP $remote_addr;
      ${fields} X-Forwarded-For $remote_addr;
      ${fields} X-Forwarded-Host $http_host;
      ${fields} X-Forwarded-Port $server_port;
      ${fields} X-Forwarded-Proto $scheme;
      ${fields} X-Forwarded-Scheme $scheme;
      ${fields} X-Scheme $scheme;
${passing[application]}    }
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
  const { folder, certificatePath, keyPath, service } = context;
  const { application, offersHttp2, tlsVersions } = service;
  const tls = `    ssl_certificate ${certificatePath};
    ssl_certificate_key ${keyPath};
    ssl_protocols ${tlsVersions === 'only 1.3' ? 'TLSv1.3' : 'TLSv1.2 TLSv1.3'};
`;
  const http2 = offersHttp2 ? ' http2' : '';
  const requests = offersHttp2 ? `  keepalive_requests ${http2RequestsPerConnection};\n` : '';
  const plainServer = renderServer(`${httpPort}${http2}`, hosts.plain, '', application);
  const tlsServer = renderServer(`${httpsPort} ssl${http2}`, hosts.tls, tls, application);
  return `${renderNginxHead(folder)}http {
${renderNginxTemporaryPaths(folder)}  log_format ingress '${logFormat}';
  access_log ${folder}/access.log ingress buffer=64k flush=1s;
  sendfile on;
  tcp_nodelay on;
  keepalive_timeout 75s;
${requests}${buffers}  upstream backend {
    server 127.0.0.1:${context.backendPort};
    keepalive ${upstreamKeepAlive};
    keepalive_requests 10000;
  }
${plainServer}${tlsServer}}
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

/** At its best: with HTTP/2 its own defaults are, because each piece that is passed on at once is a frame. */
export async function startNginx(context: VariantContext): Promise<RunningProxy> {
  return await startWithBuffers(context, context.service.offersHttp2 ? '' : tunedBuffers);
}

/** With the buffers that it has when nobody says anything. */
export async function startNginxDefaultBuffers(context: VariantContext): Promise<RunningProxy> {
  return await startWithBuffers(context, '');
}
