// The access log line in ingress-nginx's default `log-format-upstream`, with nginx's default escaping. Parts that often
// repeat from one request to the next (client, user agent, upstream) are kept rendered; a repeat costs one comparison.
// The line is put together of few, large parts: what a part costs is mostly its copy when lines become bytes.
import type { AccessEntry } from './access-entry.ts';
import { escapeNginx } from './line-escape.ts';
import { LogTime, renderSeconds } from './log-time.ts';

/** Renders lines; holds the last rendered parts, so that one instance serves one log. */
export class NginxLine {
  readonly #time = new LogTime();
  /** From the address to the method. */
  #client = '';
  #remoteAddress = '';
  #remoteUser = '';
  #method = '';
  /** From the target to the status. */
  #protocolStatus = '';
  #protocol = '';
  #status = -1;
  #agent = ' "-" "-" ';
  #referer = '';
  #userAgent = '';
  /** From the upstream's name to its address. */
  #upstream = ' [-] [] - ';
  #upstreamName = '';
  #alternativeUpstream = '';
  #upstreamAddress = '';

  /** The line with its line end, printable ASCII. Empty values are `-`; the empty alternative upstream is `[]`, as ingress-nginx sets it so. */
  render(entry: AccessEntry): string {
    if (
      this.#time.moveTo(entry.timeMs) ||
      entry.method !== this.#method ||
      entry.remoteAddress !== this.#remoteAddress ||
      entry.remoteUser !== this.#remoteUser
    ) {
      this.#renderClient(entry);
    }
    if (entry.status !== this.#status || entry.protocol !== this.#protocol) this.#renderProtocolStatus(entry);
    if (entry.userAgent !== this.#userAgent || entry.referer !== this.#referer) this.#renderAgent(entry);
    if (
      entry.upstreamName !== this.#upstreamName ||
      entry.upstreamAddress !== this.#upstreamAddress ||
      entry.alternativeUpstream !== this.#alternativeUpstream
    ) {
      this.#renderUpstream(entry);
    }
    const request =
      entry.target === ''
        ? this.#renderUnknownRequest(entry)
        : this.#client + escapeNginx(entry.target) + this.#protocolStatus;
    const cost = `${entry.requestBytes} ${renderSeconds(entry.durationMs)}`;
    const upstreamCost = `${orDash(entry.upstreamResponseBytes)} ${orDash(entry.upstreamDurationMs)}`;
    const upstreamStatus = ` ${orDash(entry.upstreamStatus)} `;
    const head = request + entry.bytesSent + this.#agent + cost + this.#upstream;
    return `${head + upstreamCost + upstreamStatus + value(entry.requestId)}\n`;
  }

  /** A request line that was never understood has no target: `$request` is the method, or nothing. */
  #renderUnknownRequest(entry: AccessEntry): string {
    return `${this.#client.slice(0, -1)}" ${entry.status} `;
  }

  #renderClient(entry: AccessEntry): void {
    this.#remoteAddress = entry.remoteAddress;
    this.#remoteUser = entry.remoteUser;
    this.#method = entry.method;
    const client = `${value(entry.remoteAddress)} - ${value(entry.remoteUser)}`;
    this.#client = `${client} [${this.#time.local}] "${value(entry.method)} `;
  }

  #renderProtocolStatus(entry: AccessEntry): void {
    this.#protocol = entry.protocol;
    this.#status = entry.status;
    this.#protocolStatus = ` ${escapeNginx(entry.protocol)}" ${entry.status} `;
  }

  #renderAgent(entry: AccessEntry): void {
    this.#referer = entry.referer;
    this.#userAgent = entry.userAgent;
    this.#agent = ` "${value(entry.referer)}" "${value(entry.userAgent)}" `;
  }

  #renderUpstream(entry: AccessEntry): void {
    this.#upstreamName = entry.upstreamName;
    this.#alternativeUpstream = entry.alternativeUpstream;
    this.#upstreamAddress = entry.upstreamAddress;
    const alternative = escapeNginx(entry.alternativeUpstream);
    this.#upstream = ` [${value(entry.upstreamName)}] [${alternative}] ${value(entry.upstreamAddress)} `;
  }
}

function value(raw: string): string {
  return raw === '' ? '-' : escapeNginx(raw);
}

/** For values that the proxy made of numbers: they need no escaping. */
function orDash(numbers: string): string {
  return numbers === '' ? '-' : numbers;
}
