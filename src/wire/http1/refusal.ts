// Why a message is refused: one closed list, shared by the request, response and chunk codecs of HTTP/1.1 and the translation of HTTP/2. Each reason has one status
// and the rule of the hardening rules that it enforces; reasons go into the access log and a metric as they are.
// Names that start with `upstream-` are faults of a response and always become 502.

/** Every reason, kebab-case. See `refusals` for the rule and status of each. */
export type RefusalReason =
  | 'line-end'
  | 'empty-lines'
  | 'request-line'
  | 'request-line-too-long'
  | 'version'
  | 'version-unsupported'
  | 'method'
  | 'method-too-long'
  | 'method-refused'
  | 'target-form'
  | 'target-byte'
  | 'target-escape'
  | 'path-nul'
  | 'path-backslash'
  | 'path-above-root'
  | 'field-line-too-long'
  | 'fields-too-large'
  | 'too-many-fields'
  | 'field-folded'
  | 'field-name'
  | 'field-name-too-long'
  | 'field-value'
  | 'framing-alias'
  | 'host-missing'
  | 'host-repeated'
  | 'host-invalid'
  | 'target-userinfo'
  | 'content-length'
  | 'content-length-repeated'
  | 'content-length-too-large'
  | 'transfer-encoding'
  | 'transfer-encoding-repeated'
  | 'transfer-encoding-with-length'
  | 'transfer-encoding-version'
  | 'connection'
  | 'expectation'
  | 'chunk-size'
  | 'chunk-size-too-large'
  | 'chunk-extension'
  | 'chunk-line-too-long'
  | 'chunk-line-end'
  | 'chunk-overhead'
  | 'trailer-line-end'
  | 'trailer-syntax'
  | 'trailers-too-large'
  | 'pseudo-field'
  | 'scheme'
  | 'authority-differs'
  | 'connection-field'
  | 'protocol-unsupported'
  | 'field-list-too-large'
  | 'upstream-line-end'
  | 'upstream-status-line'
  | 'upstream-version'
  | 'upstream-status'
  | 'upstream-head-too-large'
  | 'upstream-too-many-fields'
  | 'upstream-field-syntax'
  | 'upstream-content-length'
  | 'upstream-transfer-encoding'
  | 'upstream-framing-conflict'
  | 'upstream-switch';

export interface Refusal {
  /** What the client gets when nothing was answered yet. */
  readonly status: number;
  readonly reason: RefusalReason;
  /** Rule identifiers, comma separated, e.g. `P2` or `H1,H2`. */
  readonly rule: string;
}

const rows: Record<RefusalReason, readonly [status: number, rule: string]> = {
  /** Bare LF, bare CR, CR CR LF or LF CR in a head. */
  'line-end': [400, 'P2'],
  /** More than four empty lines before the request line. */
  'empty-lines': [400, 'P3'],
  /** Not `method SP target SP version`. */
  'request-line': [400, 'P1,P4'],
  'request-line-too-long': [414, 'L1'],
  /** Not a version of HTTP, or one below 1.0. */
  version: [400, 'P5'],
  /** A well-formed version other than 1.0 and 1.1. */
  'version-unsupported': [505, 'P5'],
  /** The first byte cannot begin a method, or no space follows it. */
  method: [400, 'P1,P6'],
  'method-too-long': [501, 'P6'],
  /** CONNECT and TRACE. */
  'method-refused': [405, 'P7'],
  'target-form': [400, 'P8'],
  'target-byte': [400, 'P9'],
  'target-escape': [400, 'P10'],
  'path-nul': [400, 'P10'],
  'path-backslash': [400, 'P9'],
  'path-above-root': [400, 'N2'],
  'field-line-too-long': [431, 'L2'],
  'fields-too-large': [431, 'L2'],
  'too-many-fields': [431, 'L2'],
  /** A folded line, or whitespace before the first field. */
  'field-folded': [400, 'P13'],
  'field-name': [400, 'P11'],
  'field-name-too-long': [431, 'L2'],
  'field-value': [400, 'P12'],
  /** `Content_Length`, `Transfer.Encoding`: framing to a receiver that folds `_` and `.` into `-`. */
  'framing-alias': [400, 'X3'],
  'host-missing': [400, 'H1'],
  'host-repeated': [400, 'H1'],
  'host-invalid': [400, 'H2'],
  'target-userinfo': [400, 'H3'],
  'content-length': [400, 'F2'],
  'content-length-repeated': [400, 'F3'],
  'content-length-too-large': [413, 'F2'],
  'transfer-encoding': [501, 'F4'],
  'transfer-encoding-repeated': [400, 'F4'],
  'transfer-encoding-with-length': [400, 'F5'],
  'transfer-encoding-version': [400, 'F6'],
  /** `Connection` is no token list, has too many members, or names a framing field or Host. */
  connection: [400, 'B1,B3'],
  expectation: [417, 'E3'],
  'chunk-size': [400, 'C2'],
  'chunk-size-too-large': [413, 'C3'],
  'chunk-extension': [400, 'C4'],
  'chunk-line-too-long': [400, 'L4'],
  'chunk-line-end': [400, 'C5'],
  'chunk-overhead': [413, 'L4'],
  'trailer-line-end': [400, 'T3,P2'],
  'trailer-syntax': [400, 'T3'],
  'trailers-too-large': [431, 'L5'],
  /** HTTP/2: a pseudo field that is missing, repeated, unknown, or behind a normal one. */
  'pseudo-field': [400, 'M1'],
  /** HTTP/2: `:scheme` is not that of the connection. */
  scheme: [400, 'M1'],
  /** HTTP/2: `:authority` and Host name different hosts. */
  'authority-differs': [400, 'M4'],
  /** HTTP/2: a field that only HTTP/1.1 has (Connection and the like), or TE other than `trailers`. */
  'connection-field': [400, 'M3'],
  /** HTTP/2: an extended CONNECT for something other than a WebSocket. */
  'protocol-unsupported': [501, 'M8'],
  /** HTTP/2: the field list, once decoded. */
  'field-list-too-large': [431, 'M11'],
  'upstream-line-end': [502, 'R4'],
  'upstream-status-line': [502, 'R4'],
  'upstream-version': [502, 'R4'],
  'upstream-status': [502, 'R4'],
  'upstream-head-too-large': [502, 'L3'],
  'upstream-too-many-fields': [502, 'L3'],
  'upstream-field-syntax': [502, 'R4'],
  'upstream-content-length': [502, 'R2'],
  'upstream-transfer-encoding': [502, 'R2'],
  'upstream-framing-conflict': [502, 'R2'],
  /** A 101 that does not agree to a WebSocket. */
  'upstream-switch': [502, 'U3'],
};

/** One frozen object per reason: refusals are compared by identity. */
export const refusals: Readonly<Record<RefusalReason, Refusal>> = Object.freeze(
  Object.fromEntries(
    Object.entries(rows).map(([reason, [status, rule]]) => [
      reason,
      Object.freeze({ status, reason: reason as RefusalReason, rule }),
    ]),
  ) as Record<RefusalReason, Refusal>,
);
