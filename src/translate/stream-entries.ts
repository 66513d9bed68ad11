// One entry of the ConfigMap of the TCP or UDP services, in ingress-nginx's form: `PORT: "NAMESPACE/SERVICE:PORT[:PROXY[:PROXY]]"`. The
// first PROXY: connections begin with a PROXY protocol header; the second: endpoints get one.
import { objectKey, type ObjectKey, type ProxyProtocolOut, type StreamProtocol } from '../model/index.ts';

export interface StreamEntry {
  readonly port: number;
  readonly service: ObjectKey;
  /** Number or name. */
  readonly servicePort: string;
  readonly wantsProxyHeader: boolean;
  readonly proxyProtocol: ProxyProtocolOut;
}

/** `ignored`: what of it has no effect. */
export type StreamEntryReading =
  | { readonly entry: StreamEntry; readonly ignored: string | null }
  | { readonly wanted: string };

const namePattern = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;
const servicePortPattern = /^[a-z0-9](?:[-a-z0-9]{0,13}[a-z0-9])?$/;

export function parseStreamEntry(protocol: StreamProtocol, key: string, value: unknown): StreamEntryReading {
  const port = /^[1-9]\d{0,4}$/.test(key) ? Number(key) : 0;
  if (port < 1 || port > 65_535) return { wanted: 'a port from 1 to 65535 as its key' };
  const [target = '', servicePort = '', ...marks] = typeof value === 'string' ? value.trim().split(':') : [];
  const [namespace = '', name = '', ...rest] = target.split('/');
  const isNamed = rest.length === 0 && namePattern.test(namespace) && namePattern.test(name);
  if (!isNamed || !isServicePort(servicePort) || marks.length > 2 || !marks.every(isMark)) {
    return { wanted: 'NAMESPACE/SERVICE:PORT, for example "default/db:5432", and at most ":PROXY" twice' };
  }
  const [wantsHeader, sendsHeader] = marks.map((mark) => mark !== '');
  const isTcp = protocol === 'tcp';
  return {
    entry: {
      port,
      service: objectKey(namespace, name),
      servicePort,
      wantsProxyHeader: isTcp && wantsHeader === true,
      proxyProtocol: isTcp && sendsHeader === true ? 'v1' : 'off',
    },
    ignored: !isTcp && marks.some((mark) => mark !== '') ? 'PROXY has no meaning for UDP' : null,
  };
}

/** Any case, as ingress-nginx takes it; an empty one stands for "not this one". */
function isMark(mark: string): boolean {
  return mark === '' || mark.toUpperCase() === 'PROXY';
}

function isServicePort(text: string): boolean {
  if (/^\d+$/.test(text)) return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
  return servicePortPattern.test(text);
}
