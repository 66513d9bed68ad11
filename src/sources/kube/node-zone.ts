// NodeZone: the zone of one node, from the label of its Node object, read once. Optional: without the permission, the node or the label it says so
// and is done. While the API server is away it asks again, and nobody waits for it.
import { type ApiClient, type ApiReply, ApiUnavailableError } from './api-client.ts';
import { Backoff } from './backoff.ts';
import { systemTiming, type Timing } from './timing.ts';

/** Well known, set by cloud providers and kubelets. */
const zoneLabel = 'topology.kubernetes.io/zone';

/** The part of a logger that is used here. */
interface NodeZoneLog {
  info(fields: object, message: string): void;
}

export interface NodeZoneOptions {
  readonly client: ApiClient;
  readonly node: string;
  readonly log: NodeZoneLog;
  readonly timing?: Timing;
  /** Called once, if there is a zone. */
  readonly onZone: (zone: string) => void;
}

export class NodeZone {
  readonly #options: NodeZoneOptions;
  readonly #stopping = new AbortController();
  #reading: Promise<void> = Promise.resolve();

  constructor(options: NodeZoneOptions) {
    this.#options = options;
  }

  start(): void {
    this.#reading = this.#read().catch((error: unknown) => {
      this.#tellUnknown(error instanceof Error ? error.message : String(error));
    });
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { node, log, timing = systemTiming, onZone } = this.#options;
    const { signal } = this.#stopping;
    const backoff = new Backoff(timing.random);
    while (!signal.aborted) {
      const reply = await this.#ask();
      if (signal.aborted) return;
      if (reply === null || isPassing(reply.status)) {
        await timing.wait(backoff.next(reply?.retryAfterMs ?? null), signal);
        continue;
      }
      const zone = reply.status === 200 ? zoneOf(reply.value) : '';
      if (zone !== '') {
        log.info({ node, zone }, 'runs in the zone of its node');
        onZone(zone);
      } else {
        const reason = reply.status === 200 ? `it has no label ${zoneLabel}` : `status ${reply.status}`;
        this.#tellUnknown(reason);
      }
      return;
    }
  }

  #tellUnknown(reason: string): void {
    const { log, node } = this.#options;
    log.info({ node, reason }, 'cannot tell the zone by the node, --zone or NODE_ZONE would');
  }

  /** Null: there is no answer. */
  async #ask(): Promise<ApiReply | null> {
    const { client, node } = this.#options;
    try {
      const path = `/api/v1/nodes/${encodeURIComponent(node)}`;
      return await client.call({ method: 'GET', path, signal: this.#stopping.signal });
    } catch (error) {
      if (error instanceof ApiUnavailableError || this.#stopping.signal.aborted) return null;
      throw error;
    }
  }
}

/** Another time the answer may be another one. */
function isPassing(status: number): boolean {
  return status === 401 || status === 408 || status === 429 || status >= 500;
}

function zoneOf(value: unknown): string {
  const { metadata } = (value ?? {}) as { readonly metadata?: { readonly labels?: unknown } };
  const labels = metadata?.labels;
  if (typeof labels !== 'object' || labels === null || !Object.hasOwn(labels, zoneLabel)) return '';
  const zone = (labels as Readonly<Record<string, unknown>>)[zoneLabel];
  return typeof zone === 'string' ? zone : '';
}
