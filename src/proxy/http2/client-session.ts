// ClientSession: one client's HTTP/2 connection: its streams, what they share, and how it ends.
//
//   open ──► leaving ──► ending ──► closed
//     │         └ GOAWAY that refuses nothing; a round trip (at most a second) later the final one (rule M13)
//     └ floods, a peer that does not answer PING: closed at once
//
// Its own deadline: without streams the idle time-out, with streams the next PING, else the answer to one.
import type { Socket } from 'node:net';
import { errorCodes } from '../../wire/http2/frame-types.ts';
import type { ClientCertificate } from '../client-certificate.ts';
import { type DownstreamOrigin, identifyClient } from '../client-identity.ts';
import { type ProxyCore, reportBug } from '../core.ts';
import type { Timed } from '../deadlines.ts';
import { connectionFields, type ForwardedContext } from '../forwarded-fields.ts';
import { HostMemo } from '../host-memo.ts';
import { ClientStream } from './client-stream.ts';
import type { Http2Session, Http2Stream, SessionEvents } from './codec.ts';
import { CodecSession } from './codec-session.ts';
import { FloodGuard } from './flood-guard.ts';

const floodWindowMs = 30_000;
/** How long the final GOAWAY waits for the answer to a PING. */
const leaveMs = 1_000;
/** After that answer: it may overtake requests that the client had begun before it knew, because it is answered by another part of it. */
const settleMs = 100;
/** After the last stream: the client has this long to close. */
const lingerMs = 2_000;
/** Rule L7: with streams that say nothing, is the client still there. */
const pingAfterMs = 60_000;
const pingAnswerMs = 20_000;

type State = 'open' | 'leaving' | 'ending' | 'closed';

export class ClientSession implements SessionEvents, Timed {
  readonly core: ProxyCore;
  readonly isTls: boolean;
  readonly serverName: string;
  readonly tlsProtocol: string;
  readonly clientCertificate: ClientCertificate | null;
  readonly forwarded: ForwardedContext;
  readonly forwardedFields: string;
  readonly hostMemo = new HostMemo();
  deadlineMs: number;
  #state: State = 'open';
  readonly #socket: Socket;
  readonly #codec: Http2Session;
  readonly #guard: FloodGuard;
  readonly #streams = new Set<ClientStream>();
  #requestCount = 0;
  #awaitsPing = false;

  constructor(core: ProxyCore, socket: Socket, origin: DownstreamOrigin, peerAddress: string) {
    this.core = core;
    this.isTls = origin.isTls;
    this.clientCertificate = origin.clientCertificate;
    this.#socket = socket;
    const client = identifyClient(core, socket, origin, peerAddress);
    ({ serverName: this.serverName, tlsProtocol: this.tlsProtocol, forwarded: this.forwarded } = client);
    this.forwardedFields = connectionFields(this.forwarded);
    const { http2, limits, timeouts } = core.settings;
    this.#guard = new FloodGuard({
      maxResets: http2.maxResets,
      maxControlFrames: http2.maxControlFrames,
      windowMs: floodWindowMs,
    });
    this.deadlineMs = core.deadlines.after(timeouts.requestHeadMs);
    core.deadlines.add(this);
    core.counters.active += 1;
    core.counters.accepted += 1;
    // Rules V2 and V4: also when the codec has let go of the socket.
    socket.on('error', () => {});
    this.#codec = new CodecSession(
      socket,
      {
        deadlines: core.deadlines,
        maxConcurrentStreams: http2.maxConcurrentStreams,
        maxFields: limits.maxFields,
        maxFieldListBytes: http2.maxFieldListBytes,
        streamWindowBytes: http2.streamWindowBytes,
        connectionWindowBytes: http2.connectionWindowBytes,
        highWaterBytes: limits.highWaterBytes,
      },
      this,
    );
  }

  // ── what the codec tells ──

  onStream(
    stream: Http2Stream,
    fields: readonly string[],
    endsStream: boolean,
    isCut: boolean,
  ): ClientStream | null {
    this.#guard.countWork();
    this.#requestCount += 1;
    this.#armPing();
    const client = new ClientStream(this, stream);
    this.#streams.add(client);
    const isStarted = client.start(fields, endsStream, isCut);
    if (this.#requestCount >= this.core.settings.limits.maxRequestsPerConnection) this.leave();
    return isStarted ? client : null;
  }

  onControlFrame(): void {
    if (!this.#guard.countControlFrame(this.core.deadlines.nowMs)) this.#endForFlood('http2-control-flood');
  }

  onLostStream(): void {
    this.#requestCount += 1;
    this.countReset();
  }

  onPingAnswer(): void {
    const wasAwaited = this.#awaitsPing;
    this.#awaitsPing = false;
    if (this.#state === 'leaving') {
      // The answer to one from before says nothing of what the client knows now.
      if (!wasAwaited) this.#settle();
    } else if (this.#streams.size > 0) this.#armPing();
    else if (this.#state === 'open') {
      this.deadlineMs = this.core.deadlines.after(this.core.settings.timeouts.keepAliveMs);
    }
  }

  onBroken(code: number): void {
    this.core.recorder.countReason(code === errorCodes.enhanceYourCalm ? 'http2-flood' : 'http2-broken');
    this.#linger();
  }

  onBug(error: unknown): void {
    reportBug(this.core, error);
    this.destroy();
  }

  onClosed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.core.deadlines.remove(this);
    this.core.counters.active -= 1;
    for (const stream of this.#streams) stream.onClosed();
    this.#streams.clear();
  }

  // ── what its streams tell ──

  /** A stream was reset by the client, or because of it. */
  countReset(): void {
    if (!this.#guard.countReset(this.core.deadlines.nowMs)) this.#endForFlood('http2-reset-flood');
  }

  countWork(): void {
    this.#guard.countWork();
  }

  remove(stream: ClientStream): void {
    if (!this.#streams.delete(stream) || this.#streams.size > 0) return;
    const { deadlines, settings } = this.core;
    if (this.#state === 'open') this.deadlineMs = deadlines.after(settings.timeouts.keepAliveMs);
    // With keep-alive off, each connection ends after one request.
    if (settings.timeouts.keepAliveMs === 0) this.leave();
    else if (this.#state === 'ending') this.deadlineMs = deadlines.after(lingerMs);
  }

  // ── its end ──

  /** The worker stops. */
  drain(): void {
    this.leave();
  }

  /** No further streams; those that are open, or on their way, are served to their end. */
  leave(): void {
    if (this.#state !== 'open') return;
    this.#state = 'leaving';
    this.deadlineMs = this.core.deadlines.after(leaveMs);
    this.#codec.announceEnd();
    this.#codec.ping();
  }

  #settle(): void {
    if (this.#state !== 'leaving') return;
    this.deadlineMs = Math.min(this.deadlineMs, this.core.deadlines.after(settleMs));
  }

  #end(): void {
    if (this.#state !== 'leaving') return;
    this.#state = 'ending';
    if (this.#streams.size === 0) this.deadlineMs = this.core.deadlines.after(lingerMs);
    else this.#armPing();
    this.#codec.end();
  }

  #endForFlood(reason: string): void {
    if (this.#state !== 'open' && this.#state !== 'leaving') return;
    this.core.recorder.countReason(reason);
    this.#linger();
    this.#codec.destroy(errorCodes.enhanceYourCalm);
  }

  /** The last word is said; the client has a moment to hear it. */
  #linger(): void {
    if (this.#state === 'closed') return;
    this.#state = 'ending';
    this.deadlineMs = this.core.deadlines.after(lingerMs);
  }

  destroy(): void {
    if (this.#state === 'closed') return;
    this.#codec.destroy(errorCodes.none);
    this.#socket.destroy();
    this.onClosed();
  }

  onDeadline(): void {
    try {
      this.#endState();
    } catch (error) {
      reportBug(this.core, error);
      this.destroy();
    }
  }

  #endState(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    if (this.#state === 'leaving') this.#end();
    else if (this.#streams.size === 0 && this.#state === 'open') this.leave();
    else if (this.#streams.size === 0 || this.#awaitsPing) this.destroy();
    else this.#ping();
  }

  #armPing(): void {
    if (!this.#awaitsPing && this.#state !== 'leaving') {
      this.deadlineMs = this.core.deadlines.after(pingAfterMs);
    }
  }

  #ping(): void {
    this.#awaitsPing = true;
    this.deadlineMs = this.core.deadlines.after(pingAnswerMs);
    this.#codec.ping();
  }
}
