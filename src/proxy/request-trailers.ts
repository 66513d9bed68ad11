// RequestTrailers: what of the trailer fields of a request reaches its upstream (RFC 9110 6.5). The codecs have dropped what no trailer may
// say; here go the names that features and settings speak for: a client says nothing behind the body that it could not say before it (rule
// T2).
import type { RequestView } from '../features/index.ts';
import { foldText } from '../wire/http1/field-names.ts';
import type { RequestHead } from '../wire/http1/request-head.ts';
import { announcedNames } from '../wire/http1/trailer-fields.ts';
import { changeFields, type Forwarding } from './compiled-route.ts';
import type { ProxyCore } from './core.ts';

/** What is asked of an exchange here. */
export interface TrailingRequest extends RequestView {
  readonly head: Pick<RequestHead, 'fields' | 'trailer'>;
  readonly core: Pick<ProxyCore, 'settledNames'>;
  readonly route: { readonly forward: Pick<Forwarding, 'hooks'> | null } | null;
}

export class RequestTrailers {
  /** The `Trailer` line for the upstream; empty when nothing that may come was announced. */
  readonly announcement: string;
  readonly #request: TrailingRequest;
  readonly #announced: readonly string[];
  /** The lines of the head as the upstream gets them, those of the connection aside. */
  readonly #sentFields: string;

  constructor(request: TrailingRequest, sentFields: string) {
    this.#request = request;
    this.#sentFields = sentFields;
    this.#announced = announcedNames(request.head.trailer).filter((name) => !this.#isSettled(name));
    this.announcement = this.#announced.length === 0 ? '' : `Trailer: ${this.#announced.join(', ')}\r\n`;
  }

  /**
   * Of complete lines those that go on. `onlyAnnounced`: what the client did not announce stays here, because some upstreams of HTTP/1.1 add
   * trailers to the fields of the head, and who announces none has no use for them.
   */
  pass(lines: string, onlyAnnounced: boolean): string {
    if (lines === '' || (onlyAnnounced && this.#announced.length === 0)) return '';
    const all = splitLines(lines).filter((line) => !this.#isSettled(nameOf(line)));
    const named = onlyAnnounced ? all.filter((line) => this.#announced.includes(nameOf(line))) : all;
    const hooks = this.#request.route?.forward?.hooks ?? null;
    if (hooks === null) return named.join('');
    // What the features would take out of the head, and what they have put there, in whatever spelling.
    const own = splitLines(this.#request.head.fields);
    const added = splitLines(this.#sentFields).filter((line) => !own.includes(line));
    const owned = new Set(added.map((line) => foldText(nameOf(line))));
    const left = named.filter((line) => !owned.has(foldText(nameOf(line))));
    const folded = left.map((line) => foldText(nameOf(line)) + line.slice(line.indexOf(':')));
    const survivors = splitLines(changeFields(this.#request, hooks, folded.join(''), false));
    return left.filter((_, index) => survivors.includes(folded[index] ?? '')).join('');
  }

  #isSettled(name: string): boolean {
    const { settledNames } = this.#request.core;
    return settledNames.size > 0 && settledNames.has(foldText(name));
  }
}

/** With their ends. */
function splitLines(lines: string): string[] {
  return lines.split(/(?<=\r\n)/).filter((line) => line !== '');
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':')).toLowerCase();
}
