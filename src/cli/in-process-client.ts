// InProcessClient: the embedded API server as an ApiClient, without a socket between. What it hands out is what is stored; neither
// side changes it. A call is carried out before `call` returns; its reply waits now and then for the event loop's next turn, so that
// ten thousand calls in a row do not keep everybody else waiting.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ApiHandler, ApiRequest, ApiResponse, UserInfo } from '../apiserver/index.ts';
import {
  type ApiCall,
  type ApiClient,
  type ApiReply,
  ApiStatusError,
  type ApiWatchFrame,
} from '../sources/index.ts';

/** What a refused watch is told. */
function statusErrorOf(response: Exclude<ApiResponse, { kind: 'watch' }>): ApiStatusError {
  const value = response.kind === 'value' ? response.value : null;
  const { reason, message } = (value ?? {}) as { readonly reason?: string; readonly message?: string };
  const text = message ?? `the API server answered ${response.status}`;
  return new ApiStatusError(response.status, reason ?? '', text);
}

/** Calls for so long, then others have a turn. */
const sliceMs = 10;

export class InProcessClient implements ApiClient {
  readonly #handle: ApiHandler;
  readonly #user: UserInfo;
  readonly #userAgent: string;
  #sliceEndMs = 0;

  /** `userAgent`: names the field manager of its writes, e.g. `sallyport-controller`. */
  constructor(handle: ApiHandler, user: UserInfo, userAgent: string) {
    this.#handle = handle;
    this.#user = user;
    this.#userAgent = userAgent;
  }

  async call(call: ApiCall): Promise<ApiReply> {
    const startedMs = performance.now();
    const response = this.#handle(this.#requestOf(call, {}));
    if (response.kind === 'watch') throw new Error(`${call.path} is a watch, wanted a call`);
    const value: unknown =
      response.kind === 'value' ? response.value : Buffer.from(response.bytes).toString('utf8');
    const endedMs = performance.now();
    if (startedMs > this.#sliceEndMs) this.#sliceEndMs = startedMs + sliceMs;
    if (endedMs > this.#sliceEndMs) await nextTurn();
    return { status: response.status, value, retryAfterMs: null };
  }

  async watch(call: ApiCall, onFrame: (frame: ApiWatchFrame) => void, onOpen?: () => void): Promise<void> {
    const { signal } = call;
    if (signal?.aborted === true) return;
    const response = this.#handle(this.#requestOf(call, { watch: 'true' }));
    if (response.kind !== 'watch') throw statusErrorOf(response);
    onOpen?.();
    await new Promise<void>((resolve) => {
      let isOver = false;
      const end = (): void => {
        isOver = true;
        resolve();
      };
      const stop = response.open({
        frame: (frame) => {
          if (!isOver) onFrame(frame);
          return true;
        },
        end,
      });
      if (isOver) stop();
      else signal?.addEventListener('abort', () => (stop(), end()), { once: true });
    });
  }

  #requestOf({ method, path, query, body, contentType }: ApiCall, extra: Record<string, string>): ApiRequest {
    return {
      method,
      path,
      query: new URLSearchParams({ ...query, ...extra }),
      accept: 'application/json',
      contentType: body === undefined ? '' : (contentType ?? 'application/json'),
      userAgent: this.#userAgent,
      user: this.#user,
      body: body === undefined ? new Uint8Array() : { value: body },
    };
  }
}
