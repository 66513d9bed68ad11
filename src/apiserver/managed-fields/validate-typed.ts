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
import { displayPathElement, type PathElement } from './path-element.ts';

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
  /** The steps to the value that is looked at, put into words only for a complaint. */
  readonly path: (string | PathElement)[];
}

export function validateTyped(
  value: unknown,
  type: TypeRef,
  duplicates: 'allowed' | 'refused',
): readonly TypedError[] {
  const checks: Checks = { errors: [], allowsDuplicates: duplicates === 'allowed', path: [] };
  check(value, type, checks);
  return checks.errors;
}

/** The text of several errors, as Go's ValidationErrors prints them. */
export function renderTypedErrors(errors: readonly TypedError[]): string {
  const texts = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return texts.length === 1 ? (texts[0] ?? '') : ['errors:', ...texts.map((text) => `  ${text}`)].join('\n');
}

function complain({ errors, path }: Checks, message: string): void {
  if (errors.length >= maxErrors) return;
  const steps = path.map((step) => (typeof step === 'string' ? step : displayPathElement(step)));
  errors.push({ path: steps.join(''), message });
}

function check(value: unknown, type: TypeRef, checks: Checks): void {
  const atom: Atom = narrowAtom(atomOf(type), value);
  if (atom.map !== null) checkMap(value, atom.map, checks);
  else if (atom.scalar !== null) checkScalar(value, atom.scalar, checks);
  else if (atom.list !== null) checkList(value, atom.list, checks);
}

function checkMap(value: unknown, atom: MapAtom, checks: Checks): void {
  if (value === null || value === undefined) return;
  if (!isJsonObject(value)) return complain(checks, `expected map, got &{${printNested(value)}}`);
  for (const [name, member] of membersOf(value)) {
    const type = atom.fields?.get(name)?.schema ?? atom.others;
    checks.path.push(`.${name}`);
    if (type === null) complain(checks, 'field not declared in schema');
    else check(member, type, checks);
    checks.path.pop();
  }
}

function checkList(value: unknown, atom: ListAtom, checks: Checks): void {
  if (value === null || value === undefined) return;
  if (!Array.isArray(value)) return complain(checks, `expected list, got &{${printNested(value)}}`);
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    const element = atom.type === 'atomic' ? null : elementOfItem(atom, item);
    if (typeof element === 'string') return complain(checks, `element ${index}: ${element}`);
    if (element !== null) {
      if (seen.has(element.text) && !checks.allowsDuplicates) {
        complain(checks, `duplicate entries for key ${displayPathElement(element)}`);
      }
      seen.add(element.text);
    }
    checks.path.push(element ?? `[${index}]`);
    check(item, atom.items, checks);
    checks.path.pop();
  }
}

function checkScalar(value: unknown, type: ScalarType, checks: Checks): void {
  if (value === null || value === undefined) return;
  if (type === 'numeric' && typeof value !== 'number') {
    complain(checks, `expected numeric (int or float), got ${goType(value)}`);
  } else if (type === 'string' && typeof value !== 'string') {
    complain(checks, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
  } else if (type === 'boolean' && typeof value !== 'boolean') {
    complain(checks, `expected boolean, got &{${printNested(value)}}`);
  } else if (type === 'untyped' && typeof value === 'object') {
    complain(checks, `expected any scalar, got &{${printNested(value)}}`);
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
