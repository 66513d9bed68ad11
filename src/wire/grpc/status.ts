// gRPC over HTTP/2, as far as a proxy must know it: which requests are gRPC, how long they may take, and what an answer of the proxy means to
// them. By the protocol's own documents (PROTOCOL-HTTP2.md, http-grpc-status-mapping.md).

/** Of complete field lines: the first Content-Type, in lower case, without parameters; empty: none. */
export function mediaTypeOf(lines: string): string {
  const value = fieldOf(lines, /(?:^|\n)content-type:([^\r\n]*)/i);
  const semicolon = value.indexOf(';');
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
}

function fieldOf(lines: string, pattern: RegExp): string {
  return pattern.exec(lines)?.[1]?.trim() ?? '';
}

/** `application/grpc`, `application/grpc+proto`, and those of gRPC-Web. */
export function isGrpcType(mediaType: string): boolean {
  return /^application\/grpc(?:-web(?:-text)?)?(?:\+[a-z0-9.+-]{1,64})?$/.test(mediaType);
}

const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** Of complete field lines: what `grpc-timeout` allows, in milliseconds; null: it says nothing that can be read. */
export function grpcTimeoutOf(lines: string): number | null {
  const match = /^([0-9]{1,8})([HMSmun])$/.exec(fieldOf(lines, /(?:^|\n)grpc-timeout:([^\r\n]*)/i));
  return match === null ? null : Number(match[1]) * (unitMs[match[2] ?? ''] ?? 0);
}

/** Of complete trailer lines, or of the head where it is all there is; null: it says nothing. */
export function grpcStatusOf(lines: string): number | null {
  const text = fieldOf(lines, /(?:^|\n)grpc-status:([^\r\n]*)/i);
  return /^\d{1,3}$/.test(text) ? Number(text) : null;
}

/** UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS: what HTTP would say with a status from 500. */
const serverFaults: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

/** Whether the server is at fault; a call without a status is UNKNOWN. */
export function isGrpcFault(status: number | null): boolean {
  return status === null || serverFaults.has(status);
}

/** gRPC's codes for what HTTP says. */
const codes: ReadonlyMap<number, number> = new Map([
  // INTERNAL
  [400, 13],
  [431, 13],
  [500, 13],
  // UNAUTHENTICATED, PERMISSION_DENIED, UNIMPLEMENTED (the service is not here)
  [401, 16],
  [403, 7],
  [404, 12],
  [405, 12],
  // DEADLINE_EXCEEDED
  [408, 4],
  [504, 4],
  // RESOURCE_EXHAUSTED
  [413, 8],
  // UNAVAILABLE: may be tried again
  [421, 14],
  [429, 14],
  [502, 14],
  [503, 14],
]);

/** UNKNOWN for what has no code. */
export function grpcCodeOf(status: number): number {
  return codes.get(status) ?? 2;
}
