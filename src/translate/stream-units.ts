// TCP and UDP services: one stream route per entry of the two ConfigMaps that the controller was told to follow. An entry that cannot be
// served harms only itself, and the ConfigMap is told.
import { isDeepStrictEqual } from 'node:util';
import type { ConfigMap } from '../kube/index.ts';
import {
  splitObjectKey,
  streamId,
  type ObjectKey,
  type ObjectRef,
  type Problem,
  type ProblemCode,
  type StreamId,
  type StreamProtocol,
  type StreamRoute,
} from '../model/index.ts';
import type { OwnListener } from './own-listeners.ts';
import { upstreamId } from './plan-backend.ts';
import { quoteValue } from './problems.ts';
import { entriesOf } from './shape.ts';
import { parseStreamEntry } from './stream-entries.ts';
import type { TableDraft } from './table-draft.ts';
import type { UpstreamUnits } from './upstream-units.ts';

export interface StreamOptions {
  readonly tcpServices: ObjectKey | null;
  readonly udpServices: ObjectKey | null;
  /** TCP ports of this program, which no TCP service can have. */
  readonly ownListeners: readonly OwnListener[];
}

interface StreamSource {
  readonly protocol: StreamProtocol;
  readonly configMap: ObjectKey;
  readonly flag: string;
}

export class StreamUnits {
  readonly #sources: readonly StreamSource[];
  readonly #ownListeners: readonly OwnListener[];
  readonly #configMaps = new Map<ObjectKey, ConfigMap>();
  #streams: ReadonlyMap<StreamId, StreamRoute> = new Map();
  /** Of the entries by themselves. */
  #problems: readonly Problem[] = [];
  #isDirty: boolean;

  constructor({ tcpServices, udpServices, ownListeners }: StreamOptions) {
    this.#sources = [
      ...sourceOf('tcp', tcpServices, '--tcp-services-configmap'),
      ...sourceOf('udp', udpServices, '--udp-services-configmap'),
    ];
    this.#ownListeners = ownListeners;
    this.#isDirty = this.#sources.length > 0;
  }

  /** Null: it is gone. */
  setConfigMap(key: ObjectKey, configMap: ConfigMap | null): void {
    if (!this.#sources.some((source) => source.configMap === key)) return;
    if (configMap === null) this.#configMaps.delete(key);
    else this.#configMaps.set(key, configMap);
    this.#isDirty = true;
  }

  /** Reads the entries anew if they changed: into the draft, and to the upstreams that they use. */
  update(draft: TableDraft, upstreams: UpstreamUnits): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    const before = this.#streams;
    const problems: Problem[] = [];
    const after = new Map(this.#sources.flatMap((source) => this.#readSource(source, problems)));
    this.#streams = after;
    this.#problems = problems;
    for (const [id, { upstream }] of before) {
      if (after.get(id)?.upstream !== upstream) {
        upstreams.countHost(upstream, -1);
        upstreams.removeUser(upstream, userOf(id));
      }
      if (!after.has(id)) draft.streams.set(id, null);
    }
    for (const [id, stream] of after) {
      if (before.get(id)?.upstream !== stream.upstream) {
        upstreams.addUser(stream.upstream, userOf(id));
        upstreams.countHost(stream.upstream, 1);
      }
      draft.streams.set(id, stream);
    }
    if (!isDeepStrictEqual([...before.keys()].sort(), [...after.keys()].sort())) {
      upstreams.setStreamListeners(this.#listenersOf('tcp'), this.#listenersOf('udp'));
    }
  }

  /** After the upstreams are up to date. */
  problems(upstreams: UpstreamUnits): readonly Problem[] {
    const ofUpstreams = [...this.#streams.values()].flatMap((stream): Problem[] => {
      const issue = upstreams.issueOf(stream.upstream);
      const source = this.#sources.find(({ protocol }) => protocol === stream.protocol);
      if (issue === null || source === undefined) return [];
      const { code, severity, message } = issue;
      return [{ code, severity, object: refOf(source), field: fieldOf(String(stream.port)), message }];
    });
    return [...this.#problems, ...ofUpstreams];
  }

  #readSource(source: StreamSource, problems: Problem[]): (readonly [StreamId, StreamRoute])[] {
    const { protocol, configMap, flag } = source;
    const object = refOf(source);
    const report = (code: ProblemCode, severity: Problem['severity'], key: string, message: string): void => {
      problems.push({ code, severity, object, field: key === '' ? '' : fieldOf(key), message });
    };
    const held = this.#configMaps.get(configMap);
    if (held === undefined) {
      const message = `ConfigMap ${quoteValue(configMap)} of ${flag} does not exist; no ${protocol.toUpperCase()} service is served`;
      report('StreamInvalid', 'warning', '', message);
      return [];
    }
    const found: (readonly [StreamId, StreamRoute])[] = [];
    for (const [key, value] of entriesOf(held.data)) {
      const reading = parseStreamEntry(protocol, key, value);
      if ('wanted' in reading) {
        const message = `entry ${quoteValue(key)}: ${quoteValue(value)} is not served, wanted ${reading.wanted}`;
        report('StreamInvalid', 'error', key, message);
        continue;
      }
      const { entry, ignored } = reading;
      if (protocol === 'tcp' && this.#ownListeners.some(({ port }) => port === entry.port)) {
        const message = `port ${entry.port} is one that this program listens on itself; the entry is not served`;
        report('StreamPortConflict', 'error', key, message);
        continue;
      }
      if (ignored !== null) report('StreamInvalid', 'warning', key, `entry ${quoteValue(key)}: ${ignored}`);
      const { namespace, name } = splitObjectKey(entry.service);
      const id = streamId(protocol, entry.port);
      found.push([
        id,
        {
          id,
          protocol,
          port: entry.port,
          upstream: upstreamId(namespace, name, entry.servicePort, protocol),
          wantsProxyHeader: entry.wantsProxyHeader,
          proxyProtocol: entry.proxyProtocol,
          source: `configmap/${configMap}/data/${key}`,
        },
      ]);
    }
    return found;
  }

  /** Where the streams themselves listen: never an endpoint of anybody, since that would go round and round. */
  #listenersOf(protocol: StreamProtocol): readonly OwnListener[] {
    const addresses = new Set(
      this.#ownListeners.filter(({ purpose }) => purpose === 'traffic').map(({ address }) => address),
    );
    return [...this.#streams.values()]
      .filter((stream) => stream.protocol === protocol)
      .flatMap(({ port }) =>
        [...addresses].map((address) => ({ address, port, purpose: 'traffic' as const })),
      );
  }
}

function sourceOf(
  protocol: StreamProtocol,
  configMap: ObjectKey | null,
  flag: string,
): readonly StreamSource[] {
  return configMap === null ? [] : [{ protocol, configMap, flag }];
}

function refOf({ configMap }: StreamSource): ObjectRef {
  return { kind: 'ConfigMap', ...splitObjectKey(configMap) };
}

function fieldOf(key: string): string {
  return `data[${key}]`;
}

/** Users of upstreams are known by keys of objects; no namespace is called `stream:…`. */
function userOf(id: StreamId): ObjectKey {
  return `stream:${id}`;
}
