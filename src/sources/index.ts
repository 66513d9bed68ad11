// The door of sources/: where objects come from.
export {
  FileSource,
  type FileSourceOptions,
  type FileSourceTimes,
} from './files/file-source.ts';
export { SourcePathError, stdinName } from './files/source-path.ts';
export type { DecodeSettings } from './files/load-text.ts';
export {
  type FileFailure,
  type FileFailureCode,
  type FileLocation,
  type ObjectChange,
  refOf,
} from './object-change.ts';
