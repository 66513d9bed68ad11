// LiveMirror: the mirror of one route, ready for requests. A copy is rendered when the request has been let in, waits for the end of the
// body, and leaves by itself: nothing of the request waits for it.
import { expandText, expandUrl } from '../../features/index.ts';
import type { Mirror } from '../../model/index.ts';
import { normalizeHost } from '../../wire/http1/host.ts';
import type { CompiledRoute } from '../compiled-route.ts';
import type { Exchange } from '../exchange.ts';
import { forwardedHostOf } from '../forwarded-fields.ts';
import type { RequestBody } from '../request-body.ts';
import { requestIdLine } from '../request-render.ts';
import { BodyCopy, maxBodyBytes } from './body-copy.ts';
import type { MirrorDesk } from './mirror-desk.ts';

/** What a copy says of itself: a mirror that leads back here would else copy without end. */
const copyName = 'x-sallyport-mirrored';

export class LiveMirror {
  readonly #desk: MirrorDesk;
  readonly #mirror: Mirror;
  readonly #owner: string;

  constructor(desk: MirrorDesk, mirror: Mirror, owner: string) {
    this.#desk = desk;
    this.#mirror = mirror;
    this.#owner = owner;
  }

  /** Before anything of the body is sent. */
  copy(exchange: Exchange, { upstream }: CompiledRoute, body: RequestBody | null): void {
    const { head } = exchange;
    if (head.upgradeWebsocket || exchange.field(copyName) !== '') return;
    // Who is answered 503 for want of an endpoint was not let in.
    if (upstream === null || (upstream.waiters === null && upstream.eligible.length === 0)) return;
    const place = this.#desk.take(this.#owner);
    if (place === null) return;
    const start = this.#renderStart(exchange);
    if (start === null) return place.drop();
    const { host, method } = head;
    const send = (text: string): void => place.send({ mirror: this.#mirror, method, text, host });
    if (body === null) send(`${start}\r\n`);
    else if (!this.#mirror.copiesBody) send(`${start}Content-Length: 0\r\n\r\n`);
    else if (head.contentLength > maxBodyBytes) place.drop();
    else
      body.copyTo(
        new BodyCopy(place, (content) => send(`${start}Content-Length: ${content.length}\r\n\r\n${content}`)),
      );
  }

  /** The head but for the length of its body; null: the Host is none. */
  #renderStart(exchange: Exchange): string | null {
    const { head } = exchange;
    const host = expandText(this.#mirror.host, exchange);
    if (normalizeHost(host) === null) return null;
    return (
      `${head.method} ${expandUrl(this.#mirror.target, exchange)} HTTP/1.1\r\nHost: ${host}\r\n` +
      `X-Sallyport-Mirrored: 1\r\n` +
      requestIdLine(exchange.requestId) +
      `X-Forwarded-Host: ${forwardedHostOf(head, exchange.connection.forwarded)}\r\n` +
      exchange.forwardedFields +
      head.fields
    );
  }
}
