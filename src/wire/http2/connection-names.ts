// Names of fields that speak of one HTTP/1.1 connection (RFC 9113 8.2.2): none has a place in a message of HTTP/2. `te` is apart, because
// requests may say `te: trailers`.
export const connectionNames: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);
