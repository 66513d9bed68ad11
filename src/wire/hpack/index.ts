// The door of hpack/: header compression of HTTP/2 (RFC 7541).
export { type HpackDefect, HpackDecoder, type HpackLimits, type HpackResult } from './decoder.ts';
export { HpackEncoder, maxFieldBytes, maxSizeUpdatesBytes } from './encoder.ts';
