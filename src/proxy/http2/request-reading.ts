// The head of a request of HTTP/2 into a RequestHead: fields become the text that the one parser reads (docs/design/http2.md, "One reading").
import type { RequestHead } from '../../wire/http1/request-head.ts';
import { type Refusal, refusals } from '../../wire/http1/refusal.ts';
import { renderRequestText } from '../../wire/http2/request-text.ts';
import type { ProxyCore } from '../core.ts';
import type { Http2Stream } from './codec.ts';
import { noteRefused } from './stream-head.ts';

/** Heads on their way into the parser; larger ones are rare. */
const scratch = Buffer.allocUnsafeSlow(16_384);

export interface ReceivedHead {
  /** Names and values by turns. */
  readonly fields: readonly string[];
  /** There are more, or larger ones, than may be. */
  readonly isCut: boolean;
  readonly endsStream: boolean;
  readonly scheme: 'http' | 'https';
  readonly websocketKey: string;
}

/** The bytes of the head as HTTP/1.1 says it, which `head` then holds; or why not, and `head` holds what the log may tell. */
export function readRequest(
  { settings, requestParser }: ProxyCore,
  received: ReceivedHead,
  stream: Http2Stream,
  head: RequestHead,
): number | Refusal {
  const { fields, isCut, endsStream, scheme, websocketKey } = received;
  const { maxFields } = settings.limits;
  const text = isCut
    ? refusals[fields.length < 2 * maxFields ? 'field-list-too-large' : 'too-many-fields']
    : renderRequestText(fields, {
        scheme,
        endsStream,
        maxFields,
        maxListBytes: settings.http2.maxFieldListBytes,
        websocketKey,
      });
  if (typeof text !== 'string') {
    noteRefused(fields, head);
    return text;
  }
  const { length } = text;
  const bytes = length <= scratch.length ? scratch : Buffer.allocUnsafeSlow(length);
  bytes.write(text, 0, 'latin1');
  if (requestParser.parse(bytes, 0, length, head) !== length)
    return requestParser.refusal ?? refusals['request-line'];
  const isAsTold = !head.hasFraming || head.contentLength < 0 || stream.expectBytes(head.contentLength);
  return isAsTold ? length : refusals['content-length'];
}
