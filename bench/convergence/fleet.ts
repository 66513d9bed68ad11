// ConvergenceFleet: many applications in an API server, and the changes that are made to one of them.
import { fleetHost } from '../macro/manifests.ts';
import type { ApiWriter, WriteReply } from './api-writer.ts';
import {
  type ApiObject,
  appIngress,
  classObject,
  editedPath,
  nameOf,
  namespaceCount,
  namespaceObject,
  namespaceOf,
  pathOf,
  serviceObject,
  sliceObject,
  stablePath,
} from './objects.ts';

export interface Endpoints {
  readonly address: string;
  /** Answers with `a`. */
  readonly port: number;
  /** Answers with `b`. */
  readonly otherPort: number;
}

/** A change, and the request that shows it. */
export interface Change {
  readonly host: string;
  readonly path: string;
  /** What the answer begins with once the change is in force. */
  readonly letter: string;
  /** What is answered before: another letter, or 404 where null. */
  readonly letterBefore: string | null;
  apply(): Promise<WriteReply>;
}

/** The Service to which an edit may lead, one in each namespace; it always answers with `b`. */
const otherService = 'other';

export class ConvergenceFleet {
  readonly #api: ApiWriter;
  readonly #endpoints: Endpoints;
  /** How often each Ingress was edited. */
  readonly #edits: number[] = [];
  /** Whether the application's own endpoint is the other one. */
  readonly #moved: boolean[] = [];

  constructor(api: ApiWriter, endpoints: Endpoints) {
    this.#api = api;
    this.#endpoints = endpoints;
  }

  get size(): number {
    return this.#edits.length;
  }

  /** Makes what is missing, many requests at a time. */
  async grow(size: number): Promise<void> {
    if (this.size === 0) await this.#makeCommon();
    const work: Promise<void>[] = [];
    for (let index = this.size; index < size; index += 1) {
      work.push(this.#makeApp(index));
      this.#edits.push(0);
      this.#moved.push(false);
    }
    await Promise.all(work);
  }

  /** A new path that leads to the application's own Service or, every other time, to the other one. */
  editIngress(index: number): Change {
    const edit = (this.#edits[index] ?? 0) + 1;
    const isOther = edit % 2 === 1;
    const ingress = appIngress(index, edit, isOther ? otherService : nameOf(index));
    return {
      host: fleetHost(index),
      path: editedPath(edit),
      letter: isOther || this.#moved[index] === true ? 'b' : 'a',
      letterBefore: null,
      apply: async () => {
        const reply = await this.#put(ingress);
        this.#edits[index] = edit;
        return reply;
      },
    };
  }

  /** The application's only endpoint becomes the other port. */
  moveEndpoint(index: number): Change {
    const { address, port, otherPort } = this.#endpoints;
    const isMoved = this.#moved[index] !== true;
    const slice = sliceObject(namespaceOf(index), nameOf(index), address, isMoved ? otherPort : port);
    return {
      host: fleetHost(index),
      path: stablePath,
      letter: isMoved ? 'b' : 'a',
      letterBefore: isMoved ? 'a' : 'b',
      apply: async () => {
        const reply = await this.#put(slice);
        this.#moved[index] = isMoved;
        return reply;
      },
    };
  }

  async #makeCommon(): Promise<void> {
    const { address, otherPort } = this.#endpoints;
    await this.#post(classObject());
    const names = Array.from({ length: namespaceCount }, (_, index) => namespaceOf(index));
    await Promise.all(names.map((name) => this.#post(namespaceObject(name))));
    for (const name of names) {
      await this.#post(serviceObject(name, otherService));
      await this.#post(sliceObject(name, otherService, address, otherPort));
    }
  }

  async #makeApp(index: number): Promise<void> {
    const { address, port } = this.#endpoints;
    const [namespace, name] = [namespaceOf(index), nameOf(index)];
    await this.#post(serviceObject(namespace, name));
    await this.#post(sliceObject(namespace, name, address, port));
    await this.#post(appIngress(index, 0, name));
  }

  async #post(object: ApiObject): Promise<void> {
    await this.#api.write('POST', object.collection, object.value);
  }

  async #put(object: ApiObject): Promise<WriteReply> {
    return await this.#api.write('PUT', pathOf(object), object.value);
  }
}
