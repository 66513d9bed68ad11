// NamespaceScope: which namespaces are read: all, one, or those whose labels match, with a group of mirrors for each. With a
// selector only the matching namespaces are read; one that stops matching takes its objects with it.
import { Mirror, type MirrorParts } from './mirror.ts';
import { ScopeGroup } from './scope-group.ts';
import type { SourceLog } from './source-log.ts';
import { namespaces } from './watched-resources.ts';

export interface NamespaceScopeOptions {
  readonly parts: MirrorParts;
  /** The one namespace; null: several. */
  readonly only: string | null;
  /** Of the labels of namespaces; null: all. */
  readonly selector: string | null;
  readonly listsSecrets: boolean;
  readonly log: SourceLog;
  readonly onSecretsRefused: (namespace: string | null, message: string) => void;
}

/** Each namespace costs four connections. */
const manyNamespaces = 100;

export class NamespaceScope {
  readonly #options: NamespaceScopeOptions;
  readonly #groups = new Map<string, ScopeGroup>();
  readonly #namespaces: Mirror | null;
  readonly #endings = new Set<Promise<void>>();
  #hasWarned = false;
  #isStopped = false;

  constructor(options: NamespaceScopeOptions) {
    this.#options = options;
    const { parts, selector } = options;
    const objects = {
      set: (_resource: unknown, name: string): void => this.#add(name),
      removed: (_resource: unknown, name: string): void => this.#remove(name),
    };
    this.#namespaces =
      selector === null
        ? null
        : new Mirror(
            { ...parts, objects },
            { resource: namespaces, namespace: null, query: { labelSelector: selector } },
          );
  }

  start(): void {
    if (this.#namespaces === null) this.#open(this.#options.only);
    else this.#namespaces.start();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#namespaces?.stop();
    await Promise.all([...this.#groups.values()].map((group) => group.stop()));
    await Promise.all(this.#endings);
  }

  get isSettled(): boolean {
    const isKnown = this.#namespaces?.isSettled ?? this.#groups.size > 0;
    return isKnown && [...this.#groups.values()].every(({ isSettled }) => isSettled);
  }

  mirrors(): Mirror[] {
    const own = this.#namespaces === null ? [] : [this.#namespaces];
    return [...own, ...[...this.#groups.values()].flatMap(({ mirrors }) => mirrors)];
  }

  /** Null: the namespace is not read. */
  groupOf(namespace: string): ScopeGroup | null {
    return this.#groups.get(this.#isWhole ? '' : namespace) ?? null;
  }

  /** Whether the Secrets of every namespace are known without their names. */
  get isListingSecrets(): boolean {
    return [...this.#groups.values()].every(({ isListingSecrets }) => isListingSecrets);
  }

  get #isWhole(): boolean {
    return this.#options.only === null && this.#options.selector === null;
  }

  #add(name: string): void {
    if (!this.#isStopped && !this.#groups.has(name)) this.#open(name);
    if (this.#groups.size <= manyNamespaces || this.#hasWarned) return;
    this.#hasWarned = true;
    const fields = { namespaces: this.#groups.size };
    this.#options.log.warn(
      fields,
      'the namespace selector matches many namespaces, each of which takes four connections to the API server',
    );
  }

  #open(namespace: string | null): void {
    const { parts, listsSecrets, onSecretsRefused } = this.#options;
    const group = new ScopeGroup({ parts, namespace, listsSecrets, onSecretsRefused });
    this.#groups.set(namespace ?? '', group);
    group.start();
  }

  #remove(name: string): void {
    const group = this.#groups.get(name);
    if (group === undefined) return;
    this.#groups.delete(name);
    const ending = group.end().finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
    // Secrets of this namespace may be wanted by name now.
    this.#options.parts.onProgress('list');
  }
}
