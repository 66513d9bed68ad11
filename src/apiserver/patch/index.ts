// The door of patch/: JSON patch, merge patch and strategic merge patch on plain JSON values. Pure; inputs are never changed.
export { applyJsonPatch, maxCopyBytes } from './json-patch.ts';
export { maxOperations, unknownOperationFields } from './json-patch-operations.ts';
export { applyMergePatch } from './merge-patch.ts';
export { applyStrategicMerge } from './strategic-merge.ts';
export { PatchError, type PatchFault, refusedPatch } from './patch-error.ts';
export {
  checkDepth,
  copyJson,
  copyObject,
  equalJson,
  type JsonObject,
  maxDepth,
  memberOf,
  type MutableObject,
  setMember,
} from './json-tree.ts';
export { printNumber, printValue } from './go-print.ts';
