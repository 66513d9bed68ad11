// Caddy on one processor, HTTP/1.1 only unless HTTP/2 is what is measured, with its JSON access log in a file. The plain site names no host: this version logs a
// named one only for requests whose Host carries the port.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canConnect } from '../probe.ts';
import { findFreePorts, startProgram, waitUntil } from '../processes.ts';
import { type RunningProxy, type VariantContext, hosts, upstreamKeepAlive } from '../variant.ts';

function renderSite(
  address: string,
  port: number,
  tls: string,
  { folder, backendPort }: VariantContext,
): string {
  return `${address}:${port} {
${tls}  log {
    output file ${folder}/access.log {
      roll_disabled
    }
    format json
  }
  reverse_proxy 127.0.0.1:${backendPort} {
    header_up X-Request-ID {http.request.uuid}
    header_up X-Real-IP {http.request.remote.host}
    header_up X-Forwarded-Port ${port}
    header_up X-Forwarded-Scheme {http.request.scheme}
    header_up X-Scheme {http.request.scheme}
    transport http {
      versions 1.1
      compression off
      keepalive 60s
      keepalive_idle_conns ${upstreamKeepAlive}
      keepalive_idle_conns_per_host ${upstreamKeepAlive}
    }
  }
}
`;
}

function renderConfig(context: VariantContext, httpPort: number, httpsPort: number): string {
  const { folder, certificatePath, keyPath, service } = context;
  const tls = `  tls ${certificatePath} ${keyPath} {
    protocols tls1.3
  }
`;
  return `{
  admin off
  auto_https off
  default_bind 127.0.0.1
  storage file_system ${folder}/storage
  servers {
    protocols ${service.offersHttp2 ? 'h1 h2 h2c' : 'h1'}
  }
}
${renderSite('http://', httpPort, '', context)}${renderSite(`https://${hosts.tls}`, httpsPort, tls, context)}`;
}

export async function startCaddy(context: VariantContext): Promise<RunningProxy> {
  const [httpPort = 0, httpsPort = 0] = await findFreePorts(2);
  const { folder, core } = context;
  const configPath = join(folder, 'Caddyfile');
  writeFileSync(configPath, renderConfig(context, httpPort, httpsPort));
  const log = join(folder, 'output.log');
  const program = startProgram({
    core,
    command: 'caddy',
    words: ['run', '--config', configPath, '--adapter', 'caddyfile'],
    outputPath: log,
    errorPath: log,
    environment: { GOMAXPROCS: '1', HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  await waitUntil(program, () => canConnect(httpsPort), 'Caddy');
  return { program, httpPort, httpsPort };
}
