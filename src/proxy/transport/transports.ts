// Transports: which transport the requests of a route take to an upstream, by what the route and the Service's port say and by the
// Secrets of the table. Looked up once per attempt of a route that needs one; plain HTTP/1.1 never comes here.
import { createSecureContext } from 'node:tls';
import { isIP } from 'node:net';
import type { RouteSettings } from '../../features/index.ts';
import {
  type ClientTls,
  defaultTlsSettings,
  type RouteTable,
  type UpstreamProtocol,
} from '../../model/index.ts';
import type { EndpointSet } from '../endpoint-set.ts';
import { renderTlsPolicy } from '../tls-contexts.ts';
import type { Transport, TransportTls } from './transport.ts';

/** What the settings of the listeners say is not meant for endpoints. */
const tlsPolicy = renderTlsPolicy(defaultTlsSettings);

/** Per upstream. Settings come and go without end; those that are in use at a time are few. */
export const maxTransports = 32;

/** What was found last for a route's settings; holds while the table has the same Secrets and the port says the same. */
interface Memo {
  readonly clientTls: RouteTable['clientTls'];
  readonly protocol: UpstreamProtocol;
  readonly transport: Transport | null;
}

/** The transports of one upstream. */
class UpstreamTransports {
  readonly memos = new WeakMap<RouteSettings, Memo>();
  readonly byKey = new Map<string, Transport>();
}

const http1Alpn = ['http/1.1'];
const http2Alpn = ['h2'];

export class Transports {
  readonly #ofSet = new WeakMap<EndpointSet, UpstreamTransports>();
  readonly #serials = new WeakMap<ClientTls, number>();
  #lastSerial = 0;
  #uses = 0;

  /**
   * For an upstream that is spoken to by `protocol`, which is not `http`. Null: the Secret that the route names is not in the table, or TLS
   * cannot be made of what the route says.
   */
  resolve(
    set: EndpointSet,
    protocol: UpstreamProtocol,
    settings: RouteSettings,
    table: RouteTable,
  ): Transport | null {
    let known = this.#ofSet.get(set);
    if (known === undefined) {
      known = new UpstreamTransports();
      this.#ofSet.set(set, known);
    }
    const { clientTls } = table;
    const memo = known.memos.get(settings);
    let transport: Transport | null;
    if (memo?.clientTls === clientTls && memo.protocol === protocol && memo.transport?.isRetired !== true) {
      ({ transport } = memo);
    } else {
      transport = this.#find(known, set, protocol, settings, clientTls);
      known.memos.set(settings, { clientTls, protocol, transport });
    }
    if (transport !== null) {
      this.#uses += 1;
      transport.lastUse = this.#uses;
    }
    return transport;
  }

  #find(
    known: UpstreamTransports,
    set: EndpointSet,
    protocol: UpstreamProtocol,
    { upstreamTls }: RouteSettings,
    clientTls: RouteTable['clientTls'],
  ): Transport | null {
    const isTls = protocol === 'https' || protocol === 'h2';
    const id = isTls ? upstreamTls.material : null;
    const material = id === null ? null : (clientTls.get(id) ?? undefined);
    if (material === undefined) return null;
    const { material: _, ...asked } = upstreamTls;
    const name = asked.name === '' ? set.tlsName : asked.name;
    const key = isTls ? JSON.stringify([protocol, { ...asked, name }, this.#serialOf(material)]) : protocol;
    let transport = known.byKey.get(key) ?? null;
    if (transport === null) {
      retireOutdated(known, clientTls);
      const isHttp2 = protocol === 'h2' || protocol === 'h2c';
      const tls = isTls ? makeTls({ ...upstreamTls, name }, material, isHttp2 ? http2Alpn : http1Alpn) : null;
      if (isTls && tls === null) return null;
      if (known.byKey.size >= maxTransports) retireOldest(known);
      transport = { isHttp2, tls, isRetired: false, lastUse: 0 };
      known.byKey.set(key, transport);
    }
    return transport;
  }

  #serialOf(material: ClientTls | null): number {
    if (material === null) return 0;
    let serial = this.#serials.get(material);
    if (serial === undefined) {
      this.#lastSerial += 1;
      serial = this.#lastSerial;
      this.#serials.set(material, serial);
    }
    return serial;
  }
}

/** Forgets transports whose Secret has another version by now. */
function retireOutdated(known: UpstreamTransports, clientTls: RouteTable['clientTls']): void {
  for (const [key, transport] of known.byKey) {
    const material = transport.tls?.material ?? null;
    if (material !== null && clientTls.get(material.id) !== material) retire(known, key, transport);
  }
}

/** Forgets the transport that was not used for longest. A route that comes back to it gets another. */
function retireOldest(known: UpstreamTransports): void {
  let oldest: [string, Transport] | null = null;
  for (const entry of known.byKey)
    if (oldest === null || entry[1].lastUse < oldest[1].lastUse) oldest = entry;
  if (oldest !== null) retire(known, ...oldest);
}

function retire(known: UpstreamTransports, key: string, transport: Transport): void {
  transport.isRetired = true;
  known.byKey.delete(key);
}

function makeTls(
  asked: RouteSettings['upstreamTls'],
  material: ClientTls | null,
  alpn: readonly string[],
): TransportTls | null {
  const { name, verifies, maxIntermediates, sendsName, minVersion, maxVersion, ciphers } = asked;
  try {
    const context = createSecureContext({
      ...tlsPolicy,
      minVersion,
      maxVersion,
      ...(ciphers === '' ? {} : { ciphers }),
      ...(material !== null && material.caPem !== '' ? { ca: material.caPem } : {}),
      ...(material !== null && material.chainPem !== ''
        ? { cert: material.chainPem, key: material.keyPem }
        : {}),
    });
    // RFC 6066: an address is no server name.
    const serverName = sendsName && isIP(name) === 0 ? name : '';
    return { context, alpn, verifies, maxIntermediates, name, serverName, material };
  } catch {
    // A list of ciphers that holds none, or a certificate that OpenSSL refuses: nothing is sent rather than something weaker.
    return null;
  }
}
