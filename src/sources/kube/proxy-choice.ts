// Which proxy leads to a server, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY as Go programs read them: names with their subdomains,
// addresses, networks, ports, `*`. Loopback is never proxied.
import { BlockList, isIP } from 'node:net';
import { KubeconfigError } from './kubeconfig-fields.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment's proxy for a server; null: none. @throws {KubeconfigError} */
export function chooseProxy(server: URL, env: Environment): URL | null {
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = setting(env, name);
  if (text === '' || isExempt(server, setting(env, 'NO_PROXY'))) return null;
  const proxy = parseProxy(text.includes('://') ? text : `http://${text}`);
  if (proxy !== null) return proxy;
  // The value may hold a password.
  throw new KubeconfigError(`${name}: not the URL of a proxy over http or https`);
}

function setting(env: Environment, name: string): string {
  const upper = env[name] ?? '';
  return upper === '' ? (env[name.toLowerCase()] ?? '') : upper;
}

/** Null: not a URL, or a kind of proxy that is not supported. */
export function parseProxy(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const proxy = new URL(text);
  return proxy.protocol === 'http:' || proxy.protocol === 'https:' ? proxy : null;
}

function isExempt(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const port = server.port === '' ? (server.protocol === 'https:' ? '443' : '80') : server.port;
  if (host === 'localhost' || isLoopback(host)) return true;
  return noProxy.split(',').some((item) => exempts(item.trim().toLowerCase(), host, port));
}

function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function exempts(item: string, host: string, port: string): boolean {
  if (item === '') return false;
  if (item === '*') return true;
  if (item.includes('/')) return isInNetwork(item, host);
  const [, name = item, wantedPort = ''] =
    /^(?:\[)?(.*?)(?:\])?:([0-9]{1,5})$/.exec(withoutPortless(item)) ?? [];
  if (wantedPort !== '' && wantedPort !== port) return false;
  const bare = name.replace(/^\*(?=\.)/, '');
  if (isIP(host) !== 0) return bare === host;
  return bare.startsWith('.') ? host.endsWith(bare) : host === bare || host.endsWith(`.${bare}`);
}

/** An IPv6 address without brackets has colons, but no port. */
function withoutPortless(item: string): string {
  return isIP(item) === 6 ? '' : item;
}

function isInNetwork(item: string, host: string): boolean {
  const [address = '', bits = ''] = item.split('/');
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family || !/^[0-9]{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const network = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  network.addSubnet(address, Number(bits), type);
  return network.check(host, type);
}
