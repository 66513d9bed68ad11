// reconcileFields: a set of fields that was written under an older schema, brought to the granularity of today's: what became
// atomic is owned as one value.
import { type Atom, atomOf, type TypeRef } from './atom.ts';
import { emptyFieldSet, type FieldNode, FieldSet, makeNode } from './field-set.ts';

/** Fields that the schema does not know are left as they are. */
export function reconcileFields(set: FieldSet, type: TypeRef): FieldSet {
  const atom = atomOf(type);
  if (atom.map === null && atom.scalar === null && atom.list !== null) {
    return reconcileNodes(set, (node) => (node.element.kind === 'field' ? null : (atom.list?.items ?? null)));
  }
  const { map } = atom;
  if (map === null || isDeducedMap(atom)) return set;
  return reconcileNodes(set, ({ element }) => {
    if (element.kind !== 'field') return map.others;
    return map.fields?.get(element.name)?.schema ?? map.others;
  });
}

/** Maps of which nothing is known are granular and stay what they are. */
function isDeducedMap({ map }: Atom): boolean {
  return map !== null && map.fields === null && (map.others === 'deduced' || map.others === 'opaque');
}

function isAtomicType(type: TypeRef): boolean {
  const atom = atomOf(type);
  if (atom.map !== null) return atom.map.isAtomic && !isDeducedMap(atom);
  return atom.scalar === null && atom.list?.type === 'atomic';
}

function reconcileNodes(set: FieldSet, typeOf: (node: FieldNode) => TypeRef | null): FieldSet {
  let isChanged = false;
  const nodes = new Map<string, FieldNode>();
  for (const [text, node] of set.nodes) {
    const kept = reconcileNode(node, typeOf(node));
    isChanged ||= kept !== node;
    nodes.set(text, kept);
  }
  return isChanged ? new FieldSet(nodes) : set;
}

function reconcileNode(node: FieldNode, type: TypeRef | null): FieldNode {
  if (type === null || node.children === null) return node;
  if (isAtomicType(type)) return makeNode(node.element, true, emptyFieldSet);
  const children = reconcileFields(node.children, type);
  return children === node.children ? node : makeNode(node.element, node.isMember, children);
}
