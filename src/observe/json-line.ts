// The access log line as one JSON object, in ASCII. The keys are nginx's variable names, and `route` and `reason` of our own.
// Parts that often repeat from one request to the next are kept rendered; a repeat costs one comparison.
import type { AccessEntry } from './access-entry.ts';
import { escapeJson } from './line-escape.ts';
import { LogTime, renderMilliseconds, renderSeconds } from './log-time.ts';

/** Renders lines; holds the last rendered parts, so that one instance serves one log. */
export class JsonLine {
  readonly #time = new LogTime();
  /** Up to the point between seconds and milliseconds. */
  #moment = '';
  #client = clientPart('', '', '');
  #remoteAddress = '';
  #remoteUser = '';
  #method = '';
  #protocolStatus = '';
  #protocol = '';
  #status = -1;
  #agent = agentPart('', '');
  #referer = '';
  #userAgent = '';
  #upstream = upstreamPart('', '', '');
  #upstreamName = '';
  #alternativeUpstream = '';
  #upstreamAddress = '';
  #route = '';
  #routeId: string | null = null;
  #reason = '';
  #host = '';
  #scheme = '';
  #tlsProtocol = '';
  #namespace = '';
  #ingress = '';
  #service = '';
  #servicePort = '';

  /** The object with a line end. Numbers are JSON numbers, times in seconds; what is not known is the empty string. */
  render(entry: AccessEntry): string {
    this.#refreshParts(entry);
    if (!this.#isSameRoute(entry)) this.#renderRoute(entry);
    const time = this.#moment + renderMilliseconds(entry.timeMs);
    const request = time + this.#client + escapeJson(entry.target) + this.#protocolStatus + entry.bytesSent;
    const cost = `${this.#agent + entry.requestBytes},"request_time":${renderSeconds(entry.durationMs)}`;
    const upstream = `${this.#upstream + entry.upstreamResponseBytes}","upstream_response_time":"${entry.upstreamDurationMs}`;
    return `${request + cost + upstream}","upstream_status":"${entry.upstreamStatus}","req_id":"${escapeJson(entry.requestId)}${this.#route}`;
  }

  #refreshParts(entry: AccessEntry): void {
    if (this.#time.moveTo(entry.timeMs)) {
      this.#moment = `{"time_iso8601":"${this.#time.iso8601}","msec":${this.#time.epochSeconds}.`;
    }
    if (
      entry.method !== this.#method ||
      entry.remoteAddress !== this.#remoteAddress ||
      entry.remoteUser !== this.#remoteUser
    ) {
      this.#remoteAddress = entry.remoteAddress;
      this.#remoteUser = entry.remoteUser;
      this.#method = entry.method;
      this.#client = clientPart(entry.remoteAddress, entry.remoteUser, entry.method);
    }
    if (entry.status !== this.#status || entry.protocol !== this.#protocol) {
      this.#status = entry.status;
      this.#protocol = entry.protocol;
      this.#protocolStatus = protocolPart(entry.protocol, entry.status);
    }
    if (entry.userAgent !== this.#userAgent || entry.referer !== this.#referer) {
      this.#referer = entry.referer;
      this.#userAgent = entry.userAgent;
      this.#agent = agentPart(entry.referer, entry.userAgent);
    }
    if (
      entry.upstreamName !== this.#upstreamName ||
      entry.upstreamAddress !== this.#upstreamAddress ||
      entry.alternativeUpstream !== this.#alternativeUpstream
    ) {
      this.#upstreamName = entry.upstreamName;
      this.#alternativeUpstream = entry.alternativeUpstream;
      this.#upstreamAddress = entry.upstreamAddress;
      this.#upstream = upstreamPart(entry.upstreamName, entry.alternativeUpstream, entry.upstreamAddress);
    }
  }

  #isSameRoute(entry: AccessEntry): boolean {
    return (
      entry.routeId === this.#routeId &&
      entry.reason === this.#reason &&
      entry.host === this.#host &&
      entry.scheme === this.#scheme &&
      entry.tlsProtocol === this.#tlsProtocol &&
      entry.ingress === this.#ingress &&
      entry.service === this.#service &&
      entry.servicePort === this.#servicePort &&
      entry.namespace === this.#namespace
    );
  }

  #renderRoute(entry: AccessEntry): void {
    this.#routeId = entry.routeId;
    this.#reason = entry.reason;
    this.#host = entry.host;
    this.#scheme = entry.scheme;
    this.#tlsProtocol = entry.tlsProtocol;
    this.#namespace = entry.namespace;
    this.#ingress = entry.ingress;
    this.#service = entry.service;
    this.#servicePort = entry.servicePort;
    this.#route =
      `","route":"${escapeJson(entry.routeId)}","reason":"${escapeJson(entry.reason)}","host":"${escapeJson(entry.host)}` +
      `","scheme":"${escapeJson(entry.scheme)}","ssl_protocol":"${escapeJson(entry.tlsProtocol)}` +
      `","namespace":"${escapeJson(entry.namespace)}","ingress_name":"${escapeJson(entry.ingress)}` +
      `","service_name":"${escapeJson(entry.service)}","service_port":"${escapeJson(entry.servicePort)}"}\n`;
  }
}

function clientPart(remoteAddress: string, remoteUser: string, method: string): string {
  return (
    `,"remote_addr":"${escapeJson(remoteAddress)}","remote_user":"${escapeJson(remoteUser)}` +
    `","request_method":"${escapeJson(method)}","request_uri":"`
  );
}

function protocolPart(protocol: string, status: number): string {
  return `","server_protocol":"${escapeJson(protocol)}","status":${status},"body_bytes_sent":`;
}

function agentPart(referer: string, userAgent: string): string {
  return `,"http_referer":"${escapeJson(referer)}","http_user_agent":"${escapeJson(userAgent)}","request_length":`;
}

function upstreamPart(name: string, alternative: string, address: string): string {
  return (
    `,"proxy_upstream_name":"${escapeJson(name)}","proxy_alternative_upstream_name":"${escapeJson(alternative)}` +
    `","upstream_addr":"${escapeJson(address)}","upstream_response_length":"`
  );
}
