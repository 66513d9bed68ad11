// A field of a request as the client sent it, though the codec keeps some apart from those that pass.
import { lookupField } from '../wire/http1/field-value.ts';
import type { RequestHead } from '../wire/http1/request-head.ts';

/** `name` in lower case. Empty: the client has no such field, or none that anybody hears of. */
export function saidField(head: RequestHead, name: string): string {
  switch (name) {
    case 'x-forwarded-for':
      return head.forwardedFor;
    case 'x-forwarded-host':
      return head.forwardedHost;
    case 'x-forwarded-proto':
      return head.forwardedProto;
    case 'x-forwarded-port':
      return head.forwardedPort;
    case 'x-forwarded-scheme':
      return head.forwardedScheme;
    case 'x-original-forwarded-for':
      return head.originalForwardedFor;
    case 'x-real-ip':
      return head.realIp;
    case 'x-request-id':
      return head.requestId;
    default:
      return lookupField(head.fields, name);
  }
}
