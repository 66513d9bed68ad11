// Which server an annotation's URL names: scheme, host and port. The host is known now, but for rules with a wildcard; a client never
// chooses the server.
import type { AuthServer, UpstreamId } from '../model/index.ts';
import { refuseExternalName } from '../std/endpoint-address.ts';
import { normalizeHost } from '../wire/http1/host.ts';
import type { CompileContext } from './contract.ts';

export interface ServerAddress extends Pick<AuthServer, 'scheme' | 'host' | 'port' | 'service'> {
  /** Path and query, with their variables; begins with `/` or `?`, or is empty. */
  readonly target: string;
}

/** Or why there is none, as the end of a sentence. `allowedHosts` undefined: any. */
export function readServer(
  url: string,
  { host: ruleHost, namespace, allowsLoopback, adminPorts }: CompileContext,
  allowedHosts: readonly string[] | undefined,
): ServerAddress | string {
  // The annotation's parser has seen that it is one.
  const [, scheme = '', hostText = '', portText = '', target = ''] =
    /^(https?):\/\/([^/?:]+)(?::([0-9]+))?(.*)$/.exec(url) ?? [];
  const isHttps = scheme === 'https';
  const port = portText === '' ? (isHttps ? 443 : 80) : Number(portText);
  if (port < 1 || port > 65_535) return `names the port ${portText}, wanted one from 1 to 65535`;
  // Under any name, as with external names: what it resolves to is not known here.
  if (adminPorts.includes(port)) return `names the port ${port}, on which this proxy has its admin pages`;
  const host = readHost(hostText.replace(/\$\{namespace\}|\$namespace\b/g, namespace), ruleHost);
  if ('wrong' in host) return host.wrong;
  const refused = host.name === null ? null : refuseExternalName(host.name, allowsLoopback);
  if (refused !== null) return `names the host "${host.name}", which ${refused}`;
  // Of a wildcard any host will do: they end alike.
  const name = host.name ?? ruleHost.replace('*', 'any');
  if (allowedHosts !== undefined && !allowedHosts.some((each) => covers(each, name)))
    return `names the host "${host.name ?? ruleHost}", which the setting "auth-url-hosts" does not have`;
  return {
    scheme: isHttps ? 'https' : 'http',
    host: host.name,
    port,
    service: serviceOf(name, port),
    target,
  };
}

/** Null: the host of each request. */
function readHost(
  text: string,
  ruleHost: string,
): { readonly name: string | null } | { readonly wrong: string } {
  const isWhole = text === '$host' || text === '${host}';
  const hasHost = /\$\{host\}|\$host\b/.test(text);
  if (hasHost && ruleHost === '')
    return {
      wrong:
        'has "$host" as its host where any host may be asked for, so that clients would choose the server',
    };
  if (isWhole && ruleHost.startsWith('*')) return { name: null };
  const filled = ruleHost.startsWith('*') ? text : text.replace(/\$\{host\}|\$host\b/g, ruleHost);
  const name = filled.includes('$') ? null : normalizeHost(filled);
  if (name !== null) return { name };
  return {
    wrong: `has the host "${filled}", wanted a host name, with no other variables than $host and $namespace`,
  };
}

function covers(allowed: string, name: string): boolean {
  return allowed.startsWith('*.') ? name.endsWith(allowed.slice(1)) : allowed === name;
}

/** Names in the cluster are known without asking for them by DNS. */
function serviceOf(host: string, port: number): UpstreamId | null {
  const [, service, namespace] =
    /^([a-z][a-z0-9-]*)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?$/.exec(host) ?? [];
  return service === undefined ? null : `${namespace}/${service}:${port}`;
}
