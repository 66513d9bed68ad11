// ApiCalls: many calls to the API as one step. In process each is answered at once, so that what a step writes becomes durable together
// and nobody else's request comes between the reading of an object and its writing.
import type { ApiCall, ApiClient, ApiReply } from '../../sources/index.ts';

/** What `run` does becomes durable together; without storage of one's own: `(run) => run()`. */
export type Batch = <Result>(run: () => Result) => Result;

export class ApiCalls {
  readonly client: ApiClient;
  readonly #batch: Batch;

  constructor(client: ApiClient, batch: Batch) {
    this.client = client;
    this.#batch = batch;
  }

  /** The answers in the order of the calls. Never rejects: a server that does not answer is a 503. */
  async all(calls: readonly ApiCall[]): Promise<readonly ApiReply[]> {
    const send = (): Promise<ApiReply>[] => calls.map((call) => this.#call(call));
    const onlyReads = calls.every(({ method }) => method === 'GET');
    try {
      return await Promise.all(onlyReads ? send() : this.#batch(send));
    } catch (error) {
      // What was written could not be made durable.
      return calls.map(() => unavailable(error));
    }
  }

  async #call(call: ApiCall): Promise<ApiReply> {
    try {
      return await this.client.call(call);
    } catch (error) {
      return unavailable(error);
    }
  }
}

function unavailable(error: unknown): ApiReply {
  const message = error instanceof Error ? error.message : String(error);
  return { status: 503, value: { message }, retryAfterMs: null };
}
