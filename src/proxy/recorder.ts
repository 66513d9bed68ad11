// Recorder: the last phase of every exchange, reached whatever happened: the access log's line and the metrics.
import { type AccessEntry, type AccessLog, emptyAccessEntry } from '../observe/access-log.ts';
import { defaultTrafficSettings, type LogSettings } from '../model/index.ts';
import { compileLogRules, type LogRules } from './log-template.ts';
import { RecentRequests } from './recent-requests.ts';
import type { Exchange } from './exchange.ts';

/** The user name of basic credentials, for the log; empty for anything else. */
function parseBasicUser(authorization: string): string {
  if (authorization.slice(0, 6).toLowerCase() !== 'basic ') return '';
  const decoded = Buffer.from(authorization.slice(6).trim(), 'base64').toString('latin1');
  const colon = decoded.indexOf(':');
  return colon < 0 ? '' : decoded.slice(0, colon);
}

export class Recorder {
  readonly #log: AccessLog | null;
  #rules: LogRules = compileLogRules(defaultTrafficSettings.log);
  /** All requests. */
  count = 0;
  /** Requests refused or failed, by reason. */
  readonly reasons = new Map<string, number>();
  /** Of all requests, whether they are logged or not. */
  readonly recent = new RecentRequests();
  /** One entry for all requests: the log reads it before the call returns. */
  readonly #entry: AccessEntry = emptyAccessEntry();

  constructor(log: AccessLog | null) {
    this.#log = log;
  }

  /** From now on. */
  follow(settings: LogSettings): void {
    this.#rules = compileLogRules(settings);
  }

  countReason(reason: string): void {
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  record(exchange: Exchange, nowMs: number): void {
    const { route } = exchange;
    const durationMs = nowMs - exchange.startedMs;
    const { attempts } = exchange;
    this.count += 1;
    this.recent.keep(exchange, nowMs);
    if (exchange.reason !== '') this.countReason(exchange.reason);
    route?.metrics.record(
      exchange.status,
      exchange.head.method,
      durationMs,
      attempts.responseMs(nowMs),
      attempts.connectMs,
      attempts.headerMs,
      exchange.requestBytes,
      exchange.bytesSent,
    );
    const { span } = exchange;
    if (span !== null && span.isSampled) exchange.core.spans.record(exchange, span, durationMs);
    if (this.#log !== null && this.#isWanted(exchange)) this.#write(this.#log, exchange, durationMs, nowMs);
  }

  #isWanted({ head, route }: Exchange): boolean {
    if (route !== null && !route.settings.isLogged) return false;
    const { isOff, skipped } = this.#rules;
    return !isOff && (skipped === null || !skipped.has(head.path));
  }

  #write(log: AccessLog, exchange: Exchange, durationMs: number, nowMs: number): void {
    const entry = this.#entry;
    const { head, connection, attempts } = exchange;
    entry.timeMs = Date.now();
    entry.remoteAddress = exchange.clientAddress;
    entry.remoteUser = head.authorization === '' ? '' : parseBasicUser(head.authorization);
    entry.method = head.method;
    entry.target = head.target;
    entry.protocol = connection.protocol;
    entry.status = exchange.status;
    entry.bytesSent = exchange.bytesSent;
    entry.referer = head.referer;
    entry.userAgent = head.userAgent;
    entry.requestBytes = exchange.requestBytes;
    entry.durationMs = durationMs;
    entry.upstreamAddress = attempts.addresses;
    entry.upstreamResponseBytes = attempts.renderBytes(exchange.upstreamBodyBytes);
    entry.upstreamDurationMs = attempts.renderDurations(nowMs);
    entry.upstreamStatus = attempts.renderStatuses(exchange.upstreamStatus);
    entry.requestId = exchange.requestId;
    entry.host = head.host;
    entry.reason = exchange.reason;
    entry.scheme = exchange.scheme;
    entry.tlsProtocol = connection.tlsProtocol;
    const { route } = exchange;
    if (route === null) {
      entry.upstreamName =
        entry.alternativeUpstream =
        entry.routeId =
        entry.namespace =
        entry.ingress =
        entry.service =
        entry.servicePort =
          '';
    } else {
      const { labels } = route.route;
      entry.upstreamName = route.upstreamName;
      entry.alternativeUpstream = route.alternativeName;
      entry.routeId = route.route.id;
      entry.namespace = labels.namespace;
      entry.ingress = labels.ingress;
      entry.service = labels.service;
      entry.servicePort = labels.servicePort;
    }
    const { render } = this.#rules;
    if (render === null) log.write(entry);
    else log.writeLine(render(exchange, entry));
  }
}
