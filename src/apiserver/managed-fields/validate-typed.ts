// Whether an object has the shape that its schema says, with the complaints of structured-merge-diff: what server-side apply
// answers to a configuration that it cannot merge.
import { goQuote, isJsonObject } from '../../kube/index.ts';
import { compareText } from '../../std/compare-text.ts';
import { printNumber } from '../patch/index.ts';
import {
  type Atom,
  atomOf,
  type ListAtom,
  type MapAtom,
  membersOf,
  narrowAtom,
  type ScalarType,
  type TypeRef,
} from './atom.ts';
import { elementOfItem } from './list-element.ts';
import { displayPathElement, fieldElement } from './path-element.ts';

export interface TypedError {
  /** As messages name it; empty for the object itself. */
  readonly path: string;
  readonly message: string;
}

/** Complaints are bounded: one hostile list must not make a message of megabytes. */
const maxErrors = 100;

interface Checks {
  readonly errors: TypedError[];
  /** Lists of stored objects may repeat keys; applied ones may not. */
  readonly allowsDuplicates: boolean;
}

export function validateTyped(
  value: unknown,
  type: TypeRef,
  duplicates: 'allowed' | 'refused',
): readonly TypedError[] {
  const checks: Checks = { errors: [], allowsDuplicates: duplicates === 'allowed' };
  check(value, type, '', checks);
  return checks.errors;
}

/** The text of several errors, as Go's ValidationErrors prints them. */
export function renderTypedErrors(errors: readonly TypedError[]): string {
  const texts = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return texts.length === 1 ? (texts[0] ?? '') : ['errors:', ...texts.map((text) => `  ${text}`)].join('\n');
}

function complain(checks: Checks, path: string, message: string): void {
  if (checks.errors.length < maxErrors) checks.errors.push({ path, message });
}

function check(value: unknown, type: TypeRef, path: string, checks: Checks): void {
  const atom: Atom = narrowAtom(atomOf(type), value);
  if (atom.map !== null) checkMap(value, atom.map, path, checks);
  else if (atom.scalar !== null) checkScalar(value, atom.scalar, path, checks);
  else if (atom.list !== null) checkList(value, atom.list, path, checks);
}

function checkMap(value: unknown, atom: MapAtom, path: string, checks: Checks): void {
  if (value === null || value === undefined) return;
  if (!isJsonObject(value)) return complain(checks, path, `expected map, got &{${printNested(value)}}`);
  for (const [name, member] of membersOf(value)) {
    const memberPath = path + displayPathElement(fieldElement(name));
    const type = atom.fields?.get(name)?.schema ?? atom.others;
    if (type === null) complain(checks, memberPath, 'field not declared in schema');
    else check(member, type, memberPath, checks);
  }
}

function checkList(value: unknown, atom: ListAtom, path: string, checks: Checks): void {
  if (value === null || value === undefined) return;
  if (!Array.isArray(value)) return complain(checks, path, `expected list, got &{${printNested(value)}}`);
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    if (atom.type === 'atomic') {
      check(item, atom.items, `${path}[${index}]`, checks);
      continue;
    }
    const element = elementOfItem(atom, item);
    if (typeof element === 'string') {
      complain(checks, path, `element ${index}: ${element}`);
      return;
    }
    const display = displayPathElement(element);
    if (seen.has(element.text) && !checks.allowsDuplicates) {
      complain(checks, path, `duplicate entries for key ${display}`);
    }
    seen.add(element.text);
    check(item, atom.items, path + display, checks);
  }
}

function checkScalar(value: unknown, type: ScalarType, path: string, checks: Checks): void {
  if (value === null || value === undefined) return;
  if (type === 'numeric' && typeof value !== 'number') {
    complain(checks, path, `expected numeric (int or float), got ${goType(value)}`);
  } else if (type === 'string' && typeof value !== 'string') {
    complain(checks, path, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
  } else if (type === 'boolean' && typeof value !== 'boolean') {
    complain(checks, path, `expected boolean, got &{${printNested(value)}}`);
  } else if (type === 'untyped' && typeof value === 'object') {
    complain(checks, path, `expected any scalar, got &{${printNested(value)}}`);
  }
}

function goType(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

/** `%v` of a value inside a struct. */
function printNested(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return printNumber(value);
  if (Array.isArray(value)) return `[${value.map(printNested).join(' ')}]`;
  if (!isJsonObject(value)) return value === true ? 'true' : 'false';
  return `map[${sortedMembers(value, ':', printNested, ' ')}]`;
}

/** `%#v`. */
function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number') return printNumber(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isJsonObject(value)) return value === true ? 'true' : 'false';
  return `map[string]interface {}{${sortedMembers(value, ':', goSyntax, ', ', goQuote)}}`;
}

function sortedMembers(
  value: Readonly<Record<string, unknown>>,
  colon: string,
  print: (member: unknown) => string,
  comma: string,
  printName: (name: string) => string = (name) => name,
): string {
  return membersOf(value)
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([name, member]) => printName(name) + colon + print(member))
    .join(comma);
}
