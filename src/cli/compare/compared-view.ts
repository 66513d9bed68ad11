// ComparedView: a request of a log as features see it. A log does not have the fields of the request, nor always its client: both read as
// empty, and `wasAsked` tells that somebody wanted to know.
import { readPlainPart, type RequestView } from '../../features/index.ts';

type Template = Parameters<RequestView['read']>[0];

/** As decide-request.ts has them. */
export const portsOf: Readonly<Record<'http' | 'https', RequestView['ports']>> = {
  http: { own: '80', https: 443 },
  https: { own: '443', https: 443 },
};

/** One for all requests, filled again for each: features keep nothing of it. */
export class ComparedView implements RequestView {
  method = '';
  host = '';
  path = '';
  greedyPath = '';
  query = '';
  scheme = '';
  hostHasTls = false;
  readonly contentLength = 0;
  authority = '';
  ports = portsOf.http;
  wasAsked = false;
  readonly #field = (): string => this.field();

  get clientAddress(): string {
    this.wasAsked = true;
    return '';
  }

  field(): string {
    this.wasAsked = true;
    return '';
  }

  fieldValues(): readonly string[] {
    this.wasAsked = true;
    return [];
  }

  read(part: Template): string {
    return readPlainPart(part, this, this.#field);
  }
}
