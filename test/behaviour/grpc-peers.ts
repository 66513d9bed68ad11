// gRPC clients and servers of others (@grpc/grpc-js) for behaviour tests: an echo service in all four kinds of calls, and the health service.
// Messages are bytes: no schema is needed.
import type { TestContext } from 'node:test';
import {
  type ChannelOptions,
  Client,
  type ChannelCredentials,
  credentials,
  Metadata,
  type MethodDefinition,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

export type Call = MethodDefinition<Buffer, Buffer>;

function define(path: string, requestStream: boolean, responseStream: boolean): Call {
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    path,
    requestStream,
    responseStream,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

export const echo = {
  unary: define('/test.Echo/Unary', false, false),
  upload: define('/test.Echo/Upload', true, false),
  download: define('/test.Echo/Download', false, true),
  chat: define('/test.Echo/Chat', true, true),
  fail: define('/test.Echo/Fail', false, false),
  hang: define('/test.Echo/Hang', false, true),
  ticks: define('/test.Echo/Ticks', false, true),
} as const satisfies ServiceDefinition;

/** grpc.health.v1.Health, by its paths. */
export const health = {
  check: define('/grpc.health.v1.Health/Check', false, false),
  watch: define('/grpc.health.v1.Health/Watch', false, true),
} as const satisfies ServiceDefinition;

/** HealthCheckResponse with status SERVING (field 1, varint 1). */
export const serving: Buffer = Buffer.from([0x08, 0x01]);

export interface EchoServer {
  readonly port: number;
  readonly server: Server;
  /** Resolves when a call of `hang` was cancelled. */
  readonly cancelled: Promise<void>;
  /** Messages of `upload` so far. */
  readonly uploaded: () => number;
}

function makeHandlers(onCancelled: () => void, onUploaded: () => void): UntypedServiceImplementation {
  return {
    unary(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
      const answer = new Metadata();
      for (const name of ['x-own', 'x-bytes-bin']) {
        for (const value of call.metadata.get(name)) answer.add(name, value);
      }
      call.sendMetadata(answer);
      const trailer = new Metadata();
      trailer.set('x-trailer', 'last');
      done(null, call.request, trailer);
    },
    upload(call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
      const pieces: Buffer[] = [];
      call.on('data', (piece: Buffer) => {
        pieces.push(piece);
        onUploaded();
      });
      call.on('end', () => done(null, Buffer.concat(pieces)));
    },
    download(call: ServerWritableStream<Buffer, Buffer>) {
      for (let index = 0; index < 5; index += 1)
        call.write(Buffer.concat([call.request, Buffer.from(String(index))]));
      call.end();
    },
    chat(call: ServerDuplexStream<Buffer, Buffer>) {
      call.on('data', (piece: Buffer) => call.write(piece));
      call.on('end', () => call.end());
    },
    fail(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
      done({ code: status.FAILED_PRECONDITION, details: `no: ${String(call.request)}` });
    },
    /** Numbers without end, as fast as they are taken. */
    ticks(call: ServerWritableStream<Buffer, Buffer>) {
      let number = 0;
      const send = (): void => {
        while (!call.cancelled && call.write(Buffer.from(String(number++))));
      };
      call.on('drain', send);
      send();
    },
    hang(call: ServerWritableStream<Buffer, Buffer>) {
      call.write(Buffer.from('begun'));
      call.on('cancelled', onCancelled);
    },
  };
}

export async function startEcho(t: TestContext, creds?: ServerCredentials): Promise<EchoServer> {
  const server = new Server();
  const cancelled = Promise.withResolvers<void>();
  let uploaded = 0;
  server.addService(
    echo,
    makeHandlers(cancelled.resolve, () => {
      uploaded += 1;
    }),
  );
  server.addService(health, {
    check: (_call: unknown, done: (error: null, answer: Buffer) => void) => done(null, serving),
    watch: (call: { write(answer: Buffer): void }) => call.write(serving),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', creds ?? ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  t.after(() => server.forceShutdown());
  return { port, server, cancelled: cancelled.promise, uploaded: () => uploaded };
}

/** A channel that names host `a.test`. */
export function openClient(
  t: TestContext,
  port: number,
  creds: ChannelCredentials = credentials.createInsecure(),
  options: ChannelOptions = {},
): Client {
  const client = new Client(`127.0.0.1:${port}`, creds, { 'grpc.default_authority': 'a.test', ...options });
  t.after(() => client.close());
  return client;
}

export interface UnaryOutcome {
  readonly code: number;
  readonly details: string;
  readonly answer: Buffer;
  readonly head: Metadata | null;
  readonly trailer: Metadata;
}

/** Never rejects: what came is the outcome. */
export async function callUnary(
  client: Client,
  call: Call,
  message: Buffer,
  metadata = new Metadata(),
  deadlineMs = 60_000,
): Promise<UnaryOutcome> {
  return await new Promise((resolve) => {
    let head: Metadata | null = null;
    let answer = Buffer.alloc(0);
    const running = client.makeUnaryRequest<Buffer, Buffer>(
      call.path,
      call.requestSerialize,
      call.responseDeserialize,
      message,
      metadata,
      { deadline: Date.now() + deadlineMs },
      (_error, value) => {
        if (value !== undefined) answer = Buffer.from(value);
      },
    );
    running.on('metadata', (got: Metadata) => {
      head = got;
    });
    running.on('status', ({ code, details, metadata: trailer }) => {
      // The callback comes in the same turn, before or behind.
      setImmediate(() => resolve({ code, details, answer, head, trailer }));
    });
  });
}
