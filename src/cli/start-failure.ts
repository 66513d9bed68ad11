// What a start that failed says to the person who tried it.
import { StorageError } from '../apiserver/index.ts';
import { SourcePathError } from '../sources/index.ts';
import type { Config } from '../config/index.ts';

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use by another process; a free one is wanted',
  EACCES:
    'the port is not permitted to this user; one from 1024 up is wanted, or the capability CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'the address is none of this machine; one of its own is wanted',
};

/** One line for an error that its reader can act on; null for anything else, which is a bug and shows its stack. */
export function renderStartFailure(error: unknown, config: Config): string | null {
  if (error instanceof SourcePathError) return `sallyport up: -f: ${error.message}`;
  if (error instanceof StorageError) return `sallyport up: --data-dir: ${error.message}`;
  const { code = '', port } = error as NodeJS.ErrnoException & { port?: number };
  const reason = reasons[code];
  return reason === undefined ? null : `sallyport up: cannot listen on ${placeOf(port, config)}: ${reason}`;
}

/** The same for a command whose ports the error names itself. */
export function renderListenFailure(command: string, error: unknown): string | null {
  const { code = '', port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  const reason = reasons[code];
  const place = port === undefined ? 'a port' : renderAuthority(address ?? '', port);
  return reason === undefined ? null : `${command}: cannot listen on ${place}: ${reason}`;
}

/** `127.0.0.1:8080 (--http-port)`; both traffic ports when the error does not say which. */
function placeOf(port: number | undefined, config: Config): string {
  const { address, httpPort, httpsPort } = config.proxy.listen;
  const listeners = [
    { host: address, listens: httpPort, flag: '--http-port' },
    { host: address, listens: httpsPort, flag: '--https-port' },
    { host: config.adminAddress, listens: config.adminPort, flag: '--admin-port' },
    { host: config.api.address, listens: config.api.port, flag: '--api-port' },
  ];
  const meant = listeners.find(({ listens }) => listens === port && listens !== 0);
  const traffic = listeners.slice(0, 2).filter(({ listens }) => listens !== 0);
  return (meant === undefined ? traffic : [meant])
    .map(({ host, listens, flag }) => `${renderAuthority(host, listens)} (${flag})`)
    .join(' or ');
}

/** `127.0.0.1:8080`, `[::1]:8080`: an IPv6 address in brackets, RFC 3986 3.2.2. */
export function renderAuthority(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
