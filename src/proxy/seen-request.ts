// SeenRequest: what features see of a request, read from its head when they ask. The base of Exchange.
import type { RequestPorts } from '../features/index.ts';
import { lookupValues } from '../wire/http1/field-value.ts';
import type { RequestHead } from '../wire/http1/request-head.ts';
import type { ProxyCore } from './core.ts';
import type { Downstream } from './downstream.ts';
import { portsOf } from './forwarded-fields.ts';
import { saidField } from './said-field.ts';

export abstract class SeenRequest {
  abstract readonly connection: Downstream;
  abstract readonly core: ProxyCore;
  abstract readonly head: RequestHead;
  abstract readonly forwardedFields: string;

  get method(): string {
    return this.head.method;
  }
  get host(): string {
    return this.head.host;
  }
  get authority(): string {
    return this.head.authority;
  }
  get path(): string {
    return this.head.path;
  }
  get greedyPath(): string {
    return this.head.greedyPath;
  }
  get query(): string {
    return this.head.query;
  }
  get contentLength(): number {
    return this.head.contentLength;
  }
  get hostHasTls(): boolean {
    return this.connection.hostMemo.hasTls(this.core.table, this.head.host);
  }
  get ports(): RequestPorts {
    return portsOf(this);
  }
  field(name: string): string {
    return saidField(this.head, name);
  }
  fieldValues(name: string): readonly string[] {
    return lookupValues(this.head.fields, name);
  }
}
