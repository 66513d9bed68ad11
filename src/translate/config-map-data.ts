// ConfigMapData: what ConfigMaps hold that annotations of Ingresses name, and which Ingresses have it in their plans.
import type { ConfigMap } from '../kube/index.ts';
import type { ObjectKey } from '../model/index.ts';
import type { IngressPlan } from './plan.ts';

export type FieldTexts = Readonly<Record<string, string>>;

export class ConfigMapData {
  readonly #data = new Map<ObjectKey, FieldTexts>();
  /** Some may have stopped: who asks finds out. */
  readonly #users = new Map<ObjectKey, Set<ObjectKey>>();

  /** Null: it is gone. */
  set(key: ObjectKey, configMap: ConfigMap | null): void {
    if (configMap === null) this.#data.delete(key);
    else this.#data.set(key, configMap.data ?? {});
  }

  get(key: ObjectKey): FieldTexts | undefined {
    return this.#data.get(key);
  }

  noteUses({ key, configMaps }: IngressPlan): void {
    for (const configMap of configMaps) {
      const users = this.#users.get(configMap);
      if (users === undefined) this.#users.set(configMap, new Set([key]));
      else users.add(key);
    }
  }

  /** The Ingresses that may have the ConfigMap in their plans; whoever has it notes it anew. */
  takeUsers(key: ObjectKey): Iterable<ObjectKey> {
    const users = this.#users.get(key) ?? [];
    this.#users.delete(key);
    return users;
  }
}
