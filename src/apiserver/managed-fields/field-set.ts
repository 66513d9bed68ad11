// FieldSet: which fields of an object are meant: a tree of path elements, each a member of the set or only on the way to one.
import { comparePathElements, type FieldPath, fieldElement, type PathElement } from './path-element.ts';

export interface FieldNode {
  readonly element: PathElement;
  readonly isMember: boolean;
  /** Null: nothing below. */
  readonly children: FieldSet | null;
}

/** Never changed; every node is a member or has members below. */
export class FieldSet {
  /** By the element's text. */
  readonly nodes: ReadonlyMap<string, FieldNode>;

  constructor(nodes: ReadonlyMap<string, FieldNode>) {
    this.nodes = nodes;
  }

  get isEmpty(): boolean {
    return this.nodes.size === 0;
  }

  /** In fieldsV1's order. */
  sortedNodes(): readonly FieldNode[] {
    return [...this.nodes.values()].toSorted((a, b) => comparePathElements(a.element, b.element));
  }

  has(path: FieldPath): boolean {
    const [first, ...rest] = path;
    if (first === undefined) return false;
    const node = this.nodes.get(first.text);
    if (node === undefined) return false;
    return rest.length === 0 ? node.isMember : (node.children?.has(rest) ?? false);
  }

  /** What is below an element. */
  below(element: PathElement): FieldSet {
    return this.nodes.get(element.text)?.children ?? emptyFieldSet;
  }

  equals(other: FieldSet): boolean {
    if (this.nodes.size !== other.nodes.size) return false;
    for (const [text, node] of this.nodes) {
      const twin = other.nodes.get(text);
      if (twin === undefined || twin.isMember !== node.isMember) return false;
      if (!childrenOf(node).equals(childrenOf(twin))) return false;
    }
    return true;
  }

  union(other: FieldSet): FieldSet {
    if (other.isEmpty) return this;
    if (this.isEmpty) return other;
    const nodes = new Map(this.nodes);
    for (const [text, node] of other.nodes) {
      const mine = nodes.get(text);
      if (mine === undefined) nodes.set(text, node);
      else {
        const children = childrenOf(mine).union(childrenOf(node));
        nodes.set(text, makeNode(mine.element, mine.isMember || node.isMember, children));
      }
    }
    return new FieldSet(nodes);
  }

  intersection(other: FieldSet): FieldSet {
    return this.#derive((node) => {
      const twin = other.nodes.get(node.element.text);
      if (twin === undefined) return null;
      const children = childrenOf(node).intersection(childrenOf(twin));
      return makeNode(node.element, node.isMember && twin.isMember, children);
    });
  }

  /** Members that `other` does not have; what is below a member of `other` stays. */
  difference(other: FieldSet): FieldSet {
    return this.#derive((node) => {
      const twin = other.nodes.get(node.element.text);
      if (twin === undefined) return node;
      const children = childrenOf(node).difference(childrenOf(twin));
      return makeNode(node.element, node.isMember && !twin.isMember, children);
    });
  }

  /** Without the members of `other` and everything below them. */
  recursiveDifference(other: FieldSet): FieldSet {
    return this.#derive((node) => {
      const twin = other.nodes.get(node.element.text);
      if (twin === undefined) return node;
      if (twin.isMember) return null;
      return makeNode(node.element, node.isMember, childrenOf(node).recursiveDifference(childrenOf(twin)));
    });
  }

  #derive(keep: (node: FieldNode) => FieldNode | null): FieldSet {
    const nodes = new Map<string, FieldNode>();
    for (const [text, node] of this.nodes) {
      const kept = keep(node);
      if (kept !== null && (kept.isMember || kept.children !== null)) nodes.set(text, kept);
    }
    return new FieldSet(nodes);
  }

  /** The members: those of a level in order, then what is below each; the order in which conflicts are listed. */
  paths(): readonly FieldPath[] {
    const out: FieldPath[] = [];
    this.#collect([], out);
    return out;
  }

  #collect(prefix: FieldPath, out: FieldPath[]): void {
    const nodes = this.sortedNodes();
    for (const node of nodes) if (node.isMember) out.push([...prefix, node.element]);
    for (const { element, children } of nodes) {
      if (children !== null) children.#collect([...prefix, element], out);
    }
  }
}

export const emptyFieldSet = new FieldSet(new Map());

function childrenOf(node: FieldNode): FieldSet {
  return node.children ?? emptyFieldSet;
}

export function makeNode(element: PathElement, isMember: boolean, children: FieldSet): FieldNode {
  return { element, isMember, children: children.isEmpty ? null : children };
}

interface GrowingNode {
  readonly element: PathElement;
  isMember: boolean;
  below: Map<string, GrowingNode> | null;
}

/** Collects paths one by one. */
export class FieldSetBuilder {
  readonly #nodes = new Map<string, GrowingNode>();

  /** The empty path means the whole object and is nobody's. */
  add(path: FieldPath): void {
    let nodes = this.#nodes;
    path.forEach((element, index) => {
      let node = nodes.get(element.text);
      if (node === undefined) {
        node = { element, isMember: false, below: null };
        nodes.set(element.text, node);
      }
      if (index === path.length - 1) node.isMember = true;
      else nodes = node.below ??= new Map();
    });
  }

  build(): FieldSet {
    return freeze(this.#nodes);
  }
}

function freeze(nodes: ReadonlyMap<string, GrowingNode>): FieldSet {
  const out = new Map<string, FieldNode>();
  for (const [text, { element, isMember, below }] of nodes) {
    out.set(text, { element, isMember, children: below === null ? null : freeze(below) });
  }
  return new FieldSet(out);
}

export function fieldSetOf(paths: Iterable<FieldPath>): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.add(path);
  return builder.build();
}

/** Of member names with dots between them, e.g. `metadata.name`. */
export function fieldSetOfNames(names: readonly string[]): FieldSet {
  return fieldSetOf(names.map((name) => name.split('.').map(fieldElement)));
}
