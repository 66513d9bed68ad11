// Downstream: what an exchange needs of its client, whatever the protocol: who it is, how its body is read, how the answer goes out,
// which deadline holds meanwhile. An HTTP/1.1 connection is one (downstream-connection.ts), and so is a stream of HTTP/2.
import type { RequestHead } from '../wire/http1/request-head.ts';
import type { ResponseHead } from '../wire/http1/response-head.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { PooledBuffer } from './buffer-pool.ts';
import type { ProxyCore } from './core.ts';
import type { ForwardedContext } from './forwarded-fields.ts';
import type { HostMemo } from './host-memo.ts';
import type { RequestBody } from './request-body.ts';

/** Sends one response after another: any interim ones, `begin`, then `sendBody` at once and as often as it takes. */
export interface ResponseWriter {
  /** The client has not taken what was sent: the sender pauses until it is told that the client drained. */
  readonly mustWait: boolean;
  /** A 1xx other than 101. `fields`: complete lines. Not sent to clients that do not know it. */
  sendInterim(status: number, reason: string, fields: string): void;
  /**
   * Status and fields of the answer; they leave with the first call of `sendBody`, which follows at once. `ownFields`: further complete
   * lines. Returns whether the connection can be kept, which is `keepsAlive` unless only its end can end the body.
   */
  begin(head: ResponseHead, ownFields: string, keepsAlive: boolean): boolean;
  /**
   * `bytes[start,end)` of the body, maybe none. `trailers`: null while more follows; with the last bytes the complete lines of the trailer
   * fields, mostly none. True: the memory, of `owner`, is in use until the owner's `onWritten`. `owner` null: the bytes never change.
   */
  sendBody(
    owner: PooledBuffer | null,
    bytes: Buffer,
    start: number,
    end: number,
    trailers: string | null,
  ): boolean;
}

export interface Downstream {
  readonly core: ProxyCore;
  /** Of the present request. */
  readonly head: RequestHead;
  readonly isTls: boolean;
  /** SNI, normalised; empty without. */
  readonly serverName: string;
  readonly tlsProtocol: string;
  /** Null: the handshake asked for none, or there was no handshake. */
  readonly clientCertificate: ClientCertificate | null;
  readonly forwarded: ForwardedContext;
  /** Own request fields that do not change while the connection lives. */
  readonly forwardedFields: string;
  readonly hostMemo: HostMemo;
  readonly response: ResponseWriter;
  /** `HTTP/1.1`, for the log. */
  readonly protocol: string;
  /** Bodies of unknown length come in the chunked coding; else their end is told (`onDownstreamBodyEnd`). */
  readonly isBodyCoded: boolean;
  /** Trailers of a response reach the client, if it takes any. */
  readonly relaysTrailers: boolean;
  /** What the client gets as the status of a tunnel. */
  readonly tunnelStatus: number;
  /** Whether the connection may serve another request after this one, as far as it is concerned. */
  readonly allowsKeepAlive: boolean;

  pauseReading(): void;
  resumeReading(): void;
  /** Bytes behind the present request. */
  keepForNext(bytes: Buffer): void;
  /** What followed a head whose request was answered at once. */
  receiveBehind(bytes: Buffer): void;

  /** Deadlines: exactly one of these states holds at a time. */
  awaitBody(): void;
  awaitMessage(timeoutMs: number): void;
  awaitNothing(): void;
  awaitSend(): void;
  awaitTunnel(): void;

  /** Whether the upstream's 101 answers the upgrade that this client asked for, as far as the client cannot see for itself. */
  acceptsTunnel(head: ResponseHead): boolean;
  /** Answers with the switch to a tunnel; returns what had followed the request's head. */
  startTunnel(head: ResponseHead): Buffer | null;
  /** False: wait for the client to drain. */
  sendTunnel(bytes: Buffer): boolean;
  /** The other side of the tunnel has said its last. */
  endTunnel(): void;

  /** The answer is out and the request was read to its end. */
  finish(keepsAlive: boolean): void;
  /** The answer is out, the request's body is not read to its end. */
  finishEarly(body: RequestBody, keepsAlive: boolean): void;
  /** The answer to come is the connection's last: another connection may fare better. */
  retire(): void;
  /** Both sides of a tunnel have ended: closes when what was sent has arrived. */
  close(): void;
  /** Ends at once. `isAnswerBroken`: a head went out, and the client must see that the rest will not come. */
  abort(isAnswerBroken: boolean): void;
  /** An exception while serving: costs this client its connection and nobody else. */
  onBug(error: unknown): void;
}
