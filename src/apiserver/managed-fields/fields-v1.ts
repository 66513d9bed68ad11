// fieldsV1: a FieldSet as JSON, e.g. `{"f:spec":{"f:rules":{}}}`; `.` marks a member that has members below it.
import { isJsonObject } from '../../kube/index.ts';
import { maxDepth } from '../patch/index.ts';
import { emptyFieldSet, FieldSet, type FieldNode, makeNode } from './field-set.ts';
import { parsePathElement } from './path-element.ts';

export type FieldsV1 = { readonly [element: string]: FieldsV1 };

interface Branch {
  readonly set: FieldSet;
  readonly isMember: boolean;
}

/** Null: malformed, or nested too deeply. */
export function parseFieldsV1(raw: unknown): FieldSet | null {
  return parseBranch(raw, 0)?.set ?? null;
}

function parseBranch(raw: unknown, depth: number): Branch | null {
  if (raw === null || raw === undefined) return { set: emptyFieldSet, isMember: true };
  if (!isJsonObject(raw) || depth > maxDepth) return null;
  const nodes = new Map<string, FieldNode>();
  let isMember = false;
  for (const [text, below] of Object.entries(raw)) {
    if (text === '.') {
      isMember = true;
      continue;
    }
    const element = parsePathElement(text);
    if (element === 'unknown') continue;
    const branch = element === null ? null : parseBranch(below, depth + 1);
    if (element === null || branch === null) return null;
    const twin = nodes.get(element.text);
    const set = twin?.children?.union(branch.set) ?? branch.set;
    nodes.set(element.text, makeNode(element, branch.isMember || twin?.isMember === true, set));
  }
  return { set: new FieldSet(nodes), isMember: isMember || nodes.size === 0 };
}

/** In canonical order. */
export function renderFieldsV1(set: FieldSet): FieldsV1 {
  return renderBranch(set, false);
}

function renderBranch(set: FieldSet, isMember: boolean): FieldsV1 {
  const entries: [string, FieldsV1][] = isMember ? [['.', {}]] : [];
  for (const { element, isMember: isOwn, children } of set.sortedNodes()) {
    entries.push([element.text, children === null ? {} : renderBranch(children, isOwn)]);
  }
  return Object.fromEntries(entries);
}
