// Asks an endpoint over a session of HTTP/2 of its own: a GET, of which the status is all that is read, or gRPC's health service.
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { isGrpcType, mediaTypeOf } from '../../wire/grpc/status.ts';
import { healthCheckPath, readHealthStatus, renderHealthCheck, serving } from '../../wire/grpc/health.ts';
import { makeRequestFields } from '../../wire/http2/request-fields.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import { Http2Session, type SessionOwner } from '../transport/http2-session.ts';
import { type Lane, Lanes, type Transport } from '../transport/transport.ts';
import type { ProbeTransport } from './probe-transports.ts';
import { authorityOf, judgeStatus, type Question, type QuestionOptions, userAgent } from './question.ts';

/** A response of the health service has seven bytes; other versions may say more. */
const maxAnswerBytes = 1_024;

export function askByStream(options: QuestionOptions, found: ProbeTransport): Question {
  return new StreamQuestion(options, found);
}

class StreamQuestion implements Question, SessionOwner {
  readonly #options: QuestionOptions;
  readonly #session: Http2Session;
  #isAsked = false;
  #isOver = false;
  #answer: Buffer = Buffer.alloc(0);

  constructor(options: QuestionOptions, { transport, home }: ProbeTransport) {
    this.#options = options;
    this.#session = new Http2Session(home, options.endpoint, laneOf(options.endpoint, transport), this);
  }

  hangUp(): void {
    this.#isOver = true;
    this.#session.destroy();
  }

  onRoom(): void {
    if (this.#isAsked || this.#isOver || !this.#session.isConnected || !this.#session.hasRoom) return;
    this.#isAsked = true;
    this.#session.join();
    this.#ask();
  }

  onSessionClosed(session: Http2Session): void {
    this.#judge(session.failure?.detail || session.failure?.kind || 'closed');
  }

  #ask(): void {
    const { check } = this.#options;
    const isGrpc = check.kind === 'grpc';
    const fields = makeRequestFields(
      {
        method: isGrpc ? 'POST' : 'GET',
        scheme: this.#session.scheme,
        authority: authorityOf(this.#options),
        path: isGrpc ? healthCheckPath : check.path,
      },
      isGrpc
        ? `content-type: application/grpc\r\nuser-agent: ${userAgent}\r\ngrpc-timeout: ${check.timeoutMs}m\r\n`
        : `accept: */*\r\nuser-agent: ${userAgent}\r\n`,
      isGrpc,
    );
    const stream = this.#session.request(fields, !isGrpc, false);
    stream.on('error', () => {});
    stream.on('close', () => this.#judge(`reset ${stream.rstCode ?? 0}`));
    if (isGrpc) this.#askGrpc(stream, renderHealthCheck(check.grpcService));
    else stream.on('response', (head) => this.#judge(judgeStatus(Number(head[':status']))));
  }

  #askGrpc(stream: ClientHttp2Stream, message: Buffer): void {
    let code: string | null = null;
    const readCode = (fields: IncomingHttpHeaders): void => {
      const { 'grpc-status': status } = fields;
      if (typeof status === 'string') code = status;
    };
    stream.on('response', (head) => {
      const mediaType = mediaTypeOf(`content-type: ${head['content-type'] ?? ''}\r\n`);
      if (head[':status'] !== 200) this.#judge(judgeStatus(Number(head[':status'])) || 'not gRPC');
      else if (!isGrpcType(mediaType)) this.#judge('not gRPC');
      else readCode(head);
    });
    stream.on('data', (bytes: Buffer) => {
      if (this.#answer.length + bytes.length > maxAnswerBytes) this.#judge('answer too long');
      else this.#answer = Buffer.concat([this.#answer, bytes]);
    });
    stream.on('trailers', readCode);
    stream.on('end', () => this.#judge(judgeGrpc(code, this.#answer)));
    stream.end(message);
  }

  #judge(reason: string): void {
    if (this.#isOver) return;
    this.hangUp();
    this.#options.tell(reason);
  }
}

function laneOf(endpoint: LiveEndpoint, transport: Transport): Lane {
  endpoint.lanes ??= new Lanes();
  return endpoint.lanes.ensure(transport);
}

/** The names of health.proto. */
const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

function judgeGrpc(code: string | null, answer: Buffer): string {
  if (code === null) return 'no grpc-status';
  if (code !== '0') return /^\d{1,3}$/.test(code) ? `grpc-status ${code}` : 'not gRPC';
  const status = readHealthStatus(answer);
  if (status === null) return 'not a health response';
  return status === serving ? '' : (statusNames[status] ?? `health status ${status}`);
}
