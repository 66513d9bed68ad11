// What a worker goes by: the settings of its start, and over them those of the table, which change while it runs.
import type { ArrivalSettings, ProxySettings, TrafficSettings } from '../model/index.ts';
import { compileTrust } from '../wire/forwarded/index.ts';
import { RequestHeadParser } from '../wire/http1/request-head.ts';
import { clientCertificateFields } from './client-gate.ts';
import type { ProxyCore } from './core.ts';

const maxNameBytes = 256;

/** Whom to believe and what connections begin with. */
export function arrivalsOf(
  { forwarded, proxyProtocol }: ProxySettings,
  arrivals: ArrivalSettings,
): Pick<ProxyCore, 'forwardedTrust' | 'isTrustedProxy' | 'proxyProtocol'> {
  const isTrusted = compileTrust(arrivals.trustedCidrs ?? forwarded.trustedCidrs);
  const believesAll = arrivals.trustsForwarded ?? forwarded.trust;
  return {
    forwardedTrust: {
      isTrusted: believesAll || arrivals.takesRealIp ? isTrusted : null,
      believesAll,
      appendFor: arrivals.appendsFor ?? forwarded.appendFor,
      forName: arrivals.forwardedForName,
    },
    isTrustedProxy: isTrusted,
    proxyProtocol: {
      isOn: arrivals.wantsProxyHeader ?? proxyProtocol.isOn,
      headerTimeoutMs: arrivals.proxyHeaderMs ?? proxyProtocol.headerTimeoutMs,
    },
  };
}

/** `start`: what the flags said. */
export function trafficOf(
  start: ProxySettings,
  { overrides, keepsUnderscores }: TrafficSettings,
): Pick<ProxyCore, 'settings' | 'requestParser'> {
  const limits = { ...start.limits, ...overrides.limits };
  return {
    settings: {
      ...start,
      limits,
      timeouts: { ...start.timeouts, ...overrides.timeouts },
      http2: { ...start.http2, ...overrides.http2 },
      pool: { ...start.pool, ...overrides.pool },
    },
    requestParser: new RequestHeadParser({
      maxRequestLineBytes: limits.maxRequestLineBytes,
      maxFieldLineBytes: limits.maxFieldLineBytes,
      maxFieldsBytes: limits.maxFieldsBytes,
      maxFields: limits.maxFields,
      maxNameBytes,
      underscores: keepsUnderscores ? 'keep' : 'drop',
      stripNames: clientCertificateFields,
    }),
  };
}
