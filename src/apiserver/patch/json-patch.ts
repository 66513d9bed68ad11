// applyJsonPatch: RFC 6902 as the API server does it (gopkg.in/evanphx/json-patch.v4): `replace` of a missing member of an object
// creates it, a missing `value` is null, `add` cannot replace the whole document, copies are bounded in bytes.
import { byteLength, goJson } from '../../kube/index.ts';
import {
  addMember,
  asContainer,
  type Container,
  fail,
  failMissing,
  findPlace,
  readMember,
  removeMember,
  replaceMember,
} from './json-containers.ts';
import { type Operation, parseOperations } from './json-patch-operations.ts';
import { checkDepth, copyJson, copyObject, equalJson, type JsonObject } from './json-tree.ts';

/** What all `copy` operations of a patch may add; the API server's default. */
export const maxCopyBytes = 3 * 1024 * 1024;

/** Elements that may be moved aside or looked through in all: a short patch cannot shift a long list for minutes. */
const maxWork = 20_000_000;

interface Run {
  root: Container;
  copiedBytes: number;
  work: number;
}

/**
 * The document after all operations. Usually an object; a patch may replace the whole by a list, which no kind decodes.
 * @throws {PatchError}
 */
export function applyJsonPatch(document: JsonObject, patch: unknown): unknown {
  const operations = parseOperations(patch);
  const run: Run = { root: copyObject(document), copiedBytes: 0, work: 0 };
  for (const operation of operations) applyOperation(run, operation);
  // Moving things into each other nests them deeper than any operand was.
  checkDepth(run.root);
  return run.root;
}

function applyOperation(run: Run, operation: Operation): void {
  switch (operation.op) {
    case 'add':
      return add(run, operation);
    case 'remove':
      return remove(run, operation);
    case 'replace':
      return replace(run, operation);
    case 'move':
      return move(run, operation);
    case 'test':
      return test(run, operation);
    case 'copy':
      return copy(run, operation);
    default:
      throw fail(`Unexpected kind: ${operation.op}`);
  }
}

function spend(run: Run, target: unknown): void {
  if (typeof target !== 'object' || target === null) return;
  run.work += Array.isArray(target) ? target.length : Object.keys(target).length;
  if (run.work > maxWork) throw fail(`the patch moves more than ${maxWork} elements`);
}

function pathOf(operation: Operation): string {
  if (operation.path === null) throw failMissing(`${operation.op} operation failed to decode path`);
  return operation.path;
}

function fromOf(operation: Operation): string {
  if (operation.from === null) {
    throw failMissing(`${operation.op} operation failed to decode from: operation, missing from field`);
  }
  return operation.from;
}

/** Adds what Go says around the error of a step inside a container. */
function within<Result>(prefix: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    throw error instanceof Error ? fail(`${prefix}: ${error.message}`) : error;
  }
}

function add(run: Run, operation: Operation): void {
  const path = pathOf(operation);
  const place = findPlace(run.root, path);
  if (place === null) throw failMissing(`add operation does not apply: doc is missing path: "${path}"`);
  if (Array.isArray(place.container)) spend(run, place.container);
  const value = copyJson(operation.value);
  within(`error in add for path: '${path}'`, () => addMember(place.container, place.key, value));
}

function remove(run: Run, operation: Operation): void {
  const path = pathOf(operation);
  const place = findPlace(run.root, path);
  if (place === null) throw failMissing(`remove operation does not apply: doc is missing path: "${path}"`);
  if (Array.isArray(place.container)) spend(run, place.container);
  within(`error in remove for path: '${path}'`, () => removeMember(place.container, place.key));
}

function replace(run: Run, operation: Operation): void {
  const path = pathOf(operation);
  const value = copyJson(operation.value);
  if (path === '') {
    const root = asContainer(value);
    if (root === null) throw fail('replace operation value must be object or array');
    run.root = root;
    return;
  }
  const place = findPlace(run.root, path);
  if (place === null) throw failMissing(`replace operation does not apply: doc is missing path: ${path}`);
  try {
    replaceMember(place.container, place.key, value);
  } catch {
    throw failMissing(`replace operation does not apply: doc is missing key: ${path}`);
  }
}

function move(run: Run, operation: Operation): void {
  const from = fromOf(operation);
  const source = findPlace(run.root, from);
  if (source === null) {
    throw failMissing(`move operation does not apply: doc is missing from path: ${from}`);
  }
  if (Array.isArray(source.container)) spend(run, source.container);
  const value = within(`error in move for path: '${source.key}'`, () => {
    const found = readMember(source.container, source.key);
    removeMember(source.container, source.key);
    return found;
  });
  const path = pathOf(operation);
  const target = findPlace(run.root, path);
  if (target === null) {
    throw failMissing(`move operation does not apply: doc is missing destination path: ${path}`);
  }
  if (Array.isArray(target.container)) spend(run, target.container);
  within(`error in move for path: '${path}'`, () => addMember(target.container, target.key, value));
}

function test(run: Run, operation: Operation): void {
  const path = pathOf(operation);
  let actual: unknown = run.root;
  if (path !== '') {
    const place = findPlace(run.root, path);
    if (place === null) throw failMissing(`test operation does not apply: is missing path: ${path}`);
    actual = within(`error in test for path: '${path}'`, () => readMember(place.container, place.key));
  }
  spend(run, actual);
  if (!equalJson(operation.value, actual)) throw fail(`testing value ${path} failed: test failed`);
}

function copy(run: Run, operation: Operation): void {
  const from = fromOf(operation);
  const source = findPlace(run.root, from);
  if (source === null) {
    throw failMissing(`copy operation does not apply: doc is missing from path: ${from}`);
  }
  const value = within(`error in copy for from: '${from}'`, () => readMember(source.container, source.key));
  const path = pathOf(operation);
  const target = findPlace(run.root, path);
  if (target === null) {
    throw failMissing(`copy operation does not apply: doc is missing destination path: ${path}`);
  }
  const copied = copyJson(value);
  run.copiedBytes += copied === null ? 0 : byteLength(goJson(copied));
  if (run.copiedBytes > maxCopyBytes) {
    const grown = `the accumulated size increase of copy is ${run.copiedBytes}`;
    throw fail(`Unable to complete the copy, ${grown}, exceeding the limit ${maxCopyBytes}`);
  }
  if (Array.isArray(target.container)) spend(run, target.container);
  within('error while adding value during copy', () => addMember(target.container, target.key, copied));
}
