// How much a client may ask of the listener: sizes, numbers and times. The defaults are those of kube-apiserver where it has them.

export interface ApiLimits {
  /** Of one request; beyond: 413. */
  readonly maxBodyBytes: number;
  /** Of all requests whose bodies are read or held; beyond: 429. */
  readonly maxHeldBodyBytes: number;
  /** Request line and fields; beyond: 431. */
  readonly maxHeaderBytes: number;
  /** Requests being read or answered, watches aside; beyond: 429. */
  readonly maxRequests: number;
  /** A further client takes the place of an idle connection, those without a user first. */
  readonly maxConnections: number;
  /** For the TLS handshake. */
  readonly handshakeMs: number;
  /** From the connection, or the first byte of a further request, to the end of the head. */
  readonly headMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestMs: number;
  /** Between two requests of a user. Longer than the 90 seconds after which Go's client gives up an idle connection itself. */
  readonly idleMs: number;
  /** For a client to take some of what waits for it, also on a watch. */
  readonly stallMs: number;
  /** For a client to take a whole answer, watches aside. */
  readonly responseMs: number;
  /** Frames that wait for the reader of one watch, those of its start aside. */
  readonly maxWatchFrames: number;
  /** Bytes that wait for the reader of one watch, those of its start aside. */
  readonly maxWatchBytes: number;
  /** Bytes that wait for the readers of all watches. Beyond it, watches with more than a little waiting are ended. */
  readonly maxAllWatchBytes: number;
  /** Frames of the start of all watches that wait for their readers. Beyond it, a watch ends before it has begun. */
  readonly maxAllFirstFrames: number;
  /** For answers to end when the server stops. */
  readonly stopMs: number;
}

const mebibyte = 1024 * 1024;

export const defaultApiLimits: ApiLimits = {
  maxBodyBytes: 3 * mebibyte,
  maxHeldBodyBytes: 128 * mebibyte,
  maxHeaderBytes: 64 * 1024,
  maxRequests: 400,
  maxConnections: 1000,
  handshakeMs: 10_000,
  headMs: 10_000,
  requestMs: 60_000,
  idleMs: 120_000,
  stallMs: 60_000,
  responseMs: 300_000,
  maxWatchFrames: 1000,
  maxWatchBytes: 8 * mebibyte,
  maxAllWatchBytes: 128 * mebibyte,
  maxAllFirstFrames: 400_000,
  stopMs: 2_000,
};
