// Clients of gRPC (@grpc/grpc-js) whose streams last as long as everything around them changes: bidirectional ones, where each message comes
// back, and those of the server, whose messages are numbered, so that a lost one is seen. A stream that ends is a failure.
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Client, type ClientDuplexStream, type ClientReadableStream, credentials } from '@grpc/grpc-js';
import { type Call, echo } from '../behaviour/grpc-peers.ts';
import { type ChurnClient, Counting } from './churn-clients.ts';

/** The library opens connections by itself and shows none: a connection is that of the client in whose course it was opened. */
const present = new AsyncLocalStorage<Counting>();
subscribe('net.client.socket', (message) => {
  present.getStore()?.use((message as { readonly socket: Socket }).socket);
});

export interface StreamOptions {
  readonly name: string;
  readonly port: number;
  readonly isTls: boolean;
}

type Stream = ClientReadableStream<Buffer> | ClientDuplexStream<Buffer, Buffer>;

const mostWaiting = 16;

/** One stream at a time, and what comes on it, in order. */
class Streaming {
  readonly #client: Client;
  readonly #open: (client: Client) => Stream;
  #stream: Stream | null = null;
  #messages: string[] = [];
  #error: Error | null = null;
  #wake = (): void => {};

  constructor({ port, isTls }: StreamOptions, open: (client: Client) => Stream) {
    const creds = isTls
      ? credentials.createSsl(null, null, null, { rejectUnauthorized: false })
      : credentials.createInsecure();
    // Otherwise clients of one process with the same options share connections.
    const options = {
      'grpc.default_authority': 'a.test',
      'grpc.ssl_target_name_override': 'a.test',
      'grpc.use_local_subchannel_pool': 1,
    };
    this.#client = new Client(`127.0.0.1:${port}`, creds, options);
    this.#open = open;
  }

  /** The present one, or a new one if that was lost. */
  stream(): Stream {
    if (this.#stream !== null && this.#error === null) return this.#stream;
    this.#messages = [];
    this.#error = null;
    const stream = this.#open(this.#client);
    this.#stream = stream;
    stream.on('data', (message: Buffer) => {
      this.#messages.push(message.toString());
      // What is not asked for waits with the server, as with a slow reader.
      if (this.#messages.length >= mostWaiting) stream.pause();
      this.#wake();
    });
    stream.on('error', (error) => this.#fail(error));
    stream.on('end', () => this.#fail(new Error('the stream ended')));
    return stream;
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#wake();
  }

  async next(): Promise<string> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        if (this.#messages.length === 0) this.#stream?.resume();
        return message;
      }
      if (this.#error !== null) throw this.#error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  end(): void {
    this.#stream?.on('error', () => {});
    this.#stream?.cancel();
    this.#client.close();
  }
}

/** Each message of a long bidirectional stream comes back before the next one is sent. */
export function startChatting(options: StreamOptions): ChurnClient {
  return start(options, openChat, (streaming) => {
    let sent = 0;
    return async (): Promise<void> => {
      const stream = streaming.stream() as ClientDuplexStream<Buffer, Buffer>;
      sent += 1;
      stream.write(Buffer.from(`word ${sent}`));
      const back = await streaming.next();
      if (back !== `word ${sent}`) throw new Error(`"${back}" came back for "word ${sent}"`);
    };
  });
}

/** The numbers of a long stream of the server come without a gap. */
export function startListening(options: StreamOptions): ChurnClient {
  return start(options, openTicks, (streaming) => {
    let known: Stream | null = null;
    let awaited = 0;
    return async (): Promise<void> => {
      const stream = streaming.stream();
      if (stream !== known) awaited = 0;
      known = stream;
      const number = await streaming.next();
      if (number !== String(awaited)) throw new Error(`${number} came instead of ${awaited}`);
      awaited += 1;
    };
  });
}

function start(
  options: StreamOptions,
  open: (client: Client) => Stream,
  makeStep: (streaming: Streaming) => () => Promise<void>,
): ChurnClient {
  const counting = new Counting(options.name);
  present.run(counting, () => {
    const streaming = new Streaming(options, open);
    counting.run(makeStep(streaming), () => streaming.end());
  });
  return counting;
}

function openChat(client: Client): Stream {
  const { path, requestSerialize, responseDeserialize }: Call = echo.chat;
  return client.makeBidiStreamRequest<Buffer, Buffer>(path, requestSerialize, responseDeserialize);
}

function openTicks(client: Client): Stream {
  const { path, requestSerialize, responseDeserialize }: Call = echo.ticks;
  const nothing = Buffer.alloc(0);
  return client.makeServerStreamRequest<Buffer, Buffer>(path, requestSerialize, responseDeserialize, nothing);
}
