// Other people's work on the API server: writes at a steady rate to objects that have nothing to do with what is measured: Ingresses
// with their own hosts, their EndpointSlices, Secrets, ConfigMaps and Leases, in turn.
import { ApiWriter } from './api-writer.ts';
import { serveCompanion } from './companion.ts';
import {
  type ApiObject,
  ingressObject,
  namespaceObject,
  pathOf,
  serviceObject,
  sliceObject,
} from './objects.ts';

export interface ChurnInput {
  readonly kubeconfigPath: string;
  readonly perSecond: number;
  readonly address: string;
  readonly port: number;
}

export interface ChurnResult {
  readonly written: number;
  readonly seconds: number;
  /** What the first write that failed said. */
  readonly failure: string | null;
}

/** An object, and the merge patch of its next version. */
interface Churned {
  readonly object: ApiObject;
  readonly patch: (version: number) => unknown;
}

/** How the benchmark speaks to this program. */
export interface ChurnTypes {
  readonly input: ChurnInput;
  readonly ready: null;
  readonly result: ChurnResult;
}

const namespace = 'churn';
const perKind = 20;
const connections = 8;
const maxInFlight = 64;
const tickMs = 5;

function simpleObject(
  apiVersion: string,
  kind: string,
  collection: string,
  name: string,
  rest: object,
): ApiObject {
  const value = { apiVersion, kind, metadata: { name, namespace }, ...rest };
  return { collection, name, value };
}

function makeRoute(name: string, { address, port }: ChurnInput): Churned[] {
  const host = `${name}.bench.example`;
  const ingressOf = (version: number): ApiObject =>
    ingressObject({ namespace, name, host, paths: [[`/v${version}`, name]] });
  return [
    { object: ingressOf(0), patch: (version) => ({ spec: ingressOf(version).value['spec'] }) },
    {
      object: sliceObject(namespace, name, address, port),
      // An endpoint that comes and goes, beside one that stays.
      patch: (version) => ({
        endpoints: [
          { addresses: [address], conditions: { ready: true } },
          ...(version % 2 === 0 ? [] : [{ addresses: ['203.0.113.7'], conditions: { ready: true } }]),
        ],
      }),
    },
  ];
}

function makeOthers(name: string): Churned[] {
  const textOf = (version: number): string => `${version} ${'x'.repeat(500)}`;
  const core = `/api/v1/namespaces/${namespace}`;
  const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  return [
    {
      object: simpleObject('v1', 'Secret', `${core}/secrets`, name, { type: 'Opaque' }),
      patch: (version) => ({ data: { text: Buffer.from(textOf(version)).toString('base64') } }),
    },
    {
      object: simpleObject('v1', 'ConfigMap', `${core}/configmaps`, name, {}),
      patch: (version) => ({ data: { text: textOf(version) } }),
    },
    {
      object: simpleObject('coordination.k8s.io/v1', 'Lease', leases, name, {
        spec: { holderIdentity: name },
      }),
      patch: (version) => ({ spec: { leaseTransitions: version } }),
    },
  ];
}

async function makeObjects(api: ApiWriter, input: ChurnInput): Promise<Churned[]> {
  const post = async ({ collection, value }: ApiObject): Promise<void> => {
    await api.write('POST', collection, value);
  };
  await post(namespaceObject(namespace));
  const all: Churned[] = [];
  for (let index = 0; index < perKind; index += 1) {
    const name = `churn-${index}`;
    await post(serviceObject(namespace, name));
    all.push(...makeRoute(name, input), ...makeOthers(name));
  }
  for (const { object } of all) await post(object);
  return all;
}

class Churn {
  readonly #api: ApiWriter;
  readonly #objects: readonly Churned[];
  readonly #perSecond: number;
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #written = 0;
  #inFlight = 0;
  #failure: string | null = null;

  constructor(api: ApiWriter, objects: readonly Churned[], perSecond: number) {
    this.#api = api;
    this.#objects = objects;
    this.#perSecond = perSecond;
    this.#timer = setInterval(() => this.#sendDue(), tickMs);
  }

  stop(): ChurnResult {
    clearInterval(this.#timer);
    const seconds = (performance.now() - this.#startedMs) / 1_000;
    return { written: this.#written, seconds, failure: this.#failure };
  }

  #sendDue(): void {
    const due = ((performance.now() - this.#startedMs) / 1_000) * this.#perSecond;
    while (this.#sent < due && this.#inFlight < maxInFlight) void this.#send();
  }

  async #send(): Promise<void> {
    const count = this.#objects.length;
    const churned = this.#objects[this.#sent % count];
    const version = Math.floor(this.#sent / count) + 1;
    this.#sent += 1;
    if (churned === undefined) return;
    this.#inFlight += 1;
    try {
      await this.#api.write('PATCH', pathOf(churned.object), churned.patch(version));
      this.#written += 1;
    } catch (error) {
      this.#failure ??= error instanceof Error ? error.message : String(error);
    } finally {
      this.#inFlight -= 1;
    }
  }
}

serveCompanion<ChurnTypes>(async (input) => {
  const api = await ApiWriter.open(input.kubeconfigPath, connections);
  const objects = await makeObjects(api, input);
  const churn = new Churn(api, objects, input.perSecond);
  return { ready: null, stop: () => Promise.resolve(churn.stop()) };
});
