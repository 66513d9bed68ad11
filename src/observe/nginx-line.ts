// The access log line in ingress-nginx's default `log-format-upstream`, with nginx's default escaping. Parts that often
// repeat from one request to the next (client, user agent, upstream) are kept rendered; a repeat costs one comparison.
import type { AccessEntry } from './access-entry.ts';
import { escapeNginx } from './line-escape.ts';
import { LogTime, renderSeconds } from './log-time.ts';

/** Renders lines; holds the last rendered parts, so that one instance serves one log. */
export class NginxLine {
  readonly #time = new LogTime();
  #client = '';
  #remoteAddress = '';
  #remoteUser = '';
  #method = '';
  #protocol = '';
  #beforeTarget = ' ';
  #afterTarget = ' ';
  #agent = ' "-" "-" ';
  #referer = '';
  #userAgent = '';
  #upstream = ' [-] [] - ';
  #upstreamName = '';
  #alternativeUpstream = '';
  #upstreamAddress = '';

  /** The line with its line end, printable ASCII. Empty values are `-`; the empty alternative upstream is `[]`, as ingress-nginx sets it so. */
  render(entry: AccessEntry): string {
    if (
      this.#time.moveTo(entry.timeMs) ||
      entry.remoteAddress !== this.#remoteAddress ||
      entry.remoteUser !== this.#remoteUser
    ) {
      this.#renderClient(entry);
    }
    if (entry.userAgent !== this.#userAgent || entry.referer !== this.#referer) this.#renderAgent(entry);
    if (
      entry.upstreamName !== this.#upstreamName ||
      entry.upstreamAddress !== this.#upstreamAddress ||
      entry.alternativeUpstream !== this.#alternativeUpstream
    ) {
      this.#renderUpstream(entry);
    }
    return `${this.#client}${this.#renderRequest(entry)}" ${entry.status} ${entry.bytesSent}${this.#agent}${entry.requestBytes} ${renderSeconds(entry.durationMs)}${this.#upstream}${orDash(entry.upstreamResponseBytes)} ${orDash(entry.upstreamDurationMs)} ${orDash(entry.upstreamStatus)} ${value(entry.requestId)}\n`;
  }

  /** `$request`: a request line that was never understood has no target and no protocol. */
  #renderRequest(entry: AccessEntry): string {
    if (entry.target === '' && entry.protocol === '') return value(entry.method);
    if (entry.method !== this.#method || entry.protocol !== this.#protocol) {
      this.#method = entry.method;
      this.#protocol = entry.protocol;
      this.#beforeTarget = `${escapeNginx(entry.method)} `;
      this.#afterTarget = ` ${escapeNginx(entry.protocol)}`;
    }
    return this.#beforeTarget + escapeNginx(entry.target) + this.#afterTarget;
  }

  #renderClient(entry: AccessEntry): void {
    this.#remoteAddress = entry.remoteAddress;
    this.#remoteUser = entry.remoteUser;
    this.#client = `${value(entry.remoteAddress)} - ${value(entry.remoteUser)} [${this.#time.local}] "`;
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
