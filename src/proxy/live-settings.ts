// What a worker goes by: the settings of its start, and over them those of the table, which change while it runs.
import type { ArrivalSettings, ProxySettings, TrafficSettings } from '../model/index.ts';
import { compileTrust } from '../wire/forwarded/index.ts';
import { foldText } from '../wire/http1/field-names.ts';
import { RequestHeadParser } from '../wire/http1/request-head.ts';
import { compileBlockLists } from './block-lists.ts';
import { compileCompression } from './compression/choose-coding.ts';
import { clientCertificateFields } from './client-gate.ts';
import type { ProxyCore } from './core.ts';
import { compileRequestChange, compileResponseChange } from './settled-fields.ts';

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

/** The parts of the core that come from the traffic settings. */
type LiveTraffic = Pick<
  ProxyCore,
  | 'settings'
  | 'requestParser'
  | 'serverLine'
  | 'changeRequest'
  | 'changeResponse'
  | 'settledNames'
  | 'compression'
  | 'isBlocked'
  | 'limitStatuses'
  | 'makesRequestIds'
  | 'tracing'
>;

/** `start`: what the flags said. */
export function trafficOf(start: ProxySettings, traffic: TrafficSettings): LiveTraffic {
  const { overrides, keepsUnderscores } = traffic;
  const limits = { ...start.limits, ...overrides.limits };
  return {
    settings: {
      ...start,
      limits,
      shutdownGraceMs: traffic.shutdownGraceMs ?? start.shutdownGraceMs,
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
      stripNames: [...clientCertificateFields, ...ownNames(traffic)],
    }),
    serverLine: serverLineOf(start.serverName, traffic.namesServer),
    changeRequest: compileRequestChange(traffic),
    changeResponse: compileResponseChange(traffic),
    settledNames: new Set(traffic.requestFields.map(({ name }) => foldText(name))),
    compression: compileCompression(traffic.compression),
    isBlocked: compileBlockLists(traffic.block),
    limitStatuses: traffic.limitStatuses,
    makesRequestIds: traffic.makesRequestIds,
    tracing: traffic.tracing,
  };
}

/** Names of request fields that only the settings fill: the codec takes every spelling of them away, unless a value is made of what the client says. */
function ownNames({ requestFields, log }: TrafficSettings): readonly string[] {
  const parts = [...requestFields.flatMap(({ value }) => value), ...(log.template ?? [])];
  const read = new Set(parts.flatMap((part) => (part.kind === 'header' ? [part.name] : [])));
  // What the client takes decides how its response is compressed, whatever the endpoint is told.
  read.add('accept-encoding');
  return requestFields.map(({ name }) => name.toLowerCase()).filter((name) => !read.has(name));
}

const ownName = 'sallyport';

/** `isNamed` null: as the flag says. */
function serverLineOf(flagged: string, isNamed: boolean | null): string {
  if (isNamed === false) return '';
  const name = flagged === '' && isNamed === true ? ownName : flagged;
  return name === '' ? '' : `Server: ${name}\r\n`;
}
