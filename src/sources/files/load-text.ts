// One manifest text to good objects, rejected ones, and what is wrong with them, each with its line. Pure, and never throws.
import {
  decodeObject,
  type DecodeResult,
  deprecationWarning,
  ingressCreateWarnings,
  isJsonObject,
  type KubeObject,
  type KubeRef,
  renderFieldErrorBody,
} from '../../kube/index.ts';
import type { ObjectRef } from '../../model/index.ts';
import { type FileFailure, type RawManifest, refOf } from '../object-change.ts';
import { findFieldOffset } from './find-field.ts';
import { inventoryKey, type LoadedFile, type LoadedObject, type ObjectIdentity } from './inventory.ts';
import { type ManifestObject, type ParsedManifest, parseManifest, type TextIssue } from './parse-manifest.ts';
import type { ManifestText } from './read-text.ts';

/** How objects are decoded, see kube/'s DecodeOptions. */
export interface DecodeSettings {
  /** Namespace of namespaced objects that name none. */
  readonly defaultNamespace: string;
  /** Accept loopback endpoint addresses, which a cluster refuses. */
  readonly allowLoopback: boolean;
  /** Unknown fields are errors; otherwise they are warnings, which is the default. */
  readonly strict?: boolean;
}

export interface LoadSettings extends DecodeSettings {
  /** Keep documents as they are, those of kinds that kube/ does not know too; otherwise such objects are only counted. */
  readonly keepsManifests?: boolean;
}

/** Errors told of one text, and warnings: more of them help nobody, and each costs a search for its line. */
const maxFailures = 500;
/** Longest message, characters: it may quote the value, which may be a megabyte. */
const maxMessageChars = 1_000;

/** Where the objects of a text are written, and where their failures go. */
interface Loading {
  readonly file: string;
  readonly textHash: string;
  readonly settings: LoadSettings;
  readonly parsed: ParsedManifest;
  readonly objects: LoadedObject[];
  readonly rejected: ObjectIdentity[];
  readonly ignoredKinds: string[];
  readonly failures: FileFailure[];
  /** How many were found, told or not. */
  readonly found: { error: number; warning: number };
}

/** Reads a text; `file` is its name in failures. */
export function loadText(file: string, { text, textHash }: ManifestText, settings: LoadSettings): LoadedFile {
  const parsed = parseManifest(text);
  const loading: Loading = {
    file,
    textHash,
    settings,
    parsed,
    objects: [],
    rejected: [],
    ignoredKinds: [],
    failures: [],
    found: { error: 0, warning: 0 },
  };
  for (const issue of parsed.syntaxErrors) loading.failures.push(textFailure(file, issue, 'error'));
  const options = { ...settings, strict: settings.strict === true };
  for (const manifest of parsed.objects) takeResult(decodeObject(manifest.raw, options), manifest, loading);
  tellLeftOut(loading);
  for (const issue of parsed.warnings) loading.failures.push(textFailure(file, issue, 'warning'));
  const { objects, rejected, ignoredKinds, failures } = loading;
  return { textHash, readable: parsed.syntaxErrors.length === 0, objects, rejected, ignoredKinds, failures };
}

function textFailure(file: string, { line, message }: TextIssue, severity: 'error' | 'warning'): FileFailure {
  const code = severity === 'error' ? 'SyntaxError' : 'InvalidObject';
  return { file, line, severity, code, object: null, field: '', message, lastGoodServes: false };
}

function takeResult(result: DecodeResult, manifest: ManifestObject, loading: Loading): void {
  if (result.kind === 'ignored') takeUnknown(result, manifest, loading);
  else if (result.kind === 'object') takeObject(result, manifest, loading);
  else takeInvalid(result, manifest, loading);
}

function takeObject(
  { object, warnings }: Extract<DecodeResult, { kind: 'object' }>,
  manifest: ManifestObject,
  loading: Loading,
): void {
  const { raw } = manifest;
  const { apiVersion } = object;
  const told = new Set(object.kind === 'Ingress' ? ingressCreateWarnings(object) : []);
  const ref = { ...object.metadata, apiVersion: apiVersionOf(raw), kind: object.kind };
  // An API server serves the newest version only.
  const written = isJsonObject(raw) && raw['apiVersion'] === apiVersion ? raw : { ...object };
  keep({ ref: refOf(object), apiVersion, object, written }, manifest, loading);
  takeWarnings(
    // Translation tells of the class annotation as a Problem of its own.
    warnings.filter((warning) => !told.has(warning)),
    ref,
    manifest,
    loading,
  );
}

function takeUnknown(
  { ref, object, warnings }: Extract<DecodeResult, { kind: 'ignored' }>,
  manifest: ManifestObject,
  loading: Loading,
): void {
  const { raw } = manifest;
  if (loading.settings.keepsManifests !== true || !isJsonObject(raw)) {
    loading.ignoredKinds.push(ref.kind);
    return;
  }
  const { apiVersion } = ref;
  if (object !== undefined)
    keep({ ref: objectRefOf(ref), apiVersion, object: null, written: raw }, manifest, loading);
  else
    takeInvalid(
      { kind: 'invalid', ref, errors: [], decodeErrors: warnings, warnings: [] },
      manifest,
      loading,
    );
}

interface GoodObject {
  readonly ref: ObjectRef;
  readonly apiVersion: string;
  readonly object: KubeObject | null;
  readonly written: RawManifest;
}

function keep({ written, ...good }: GoodObject, manifest: ManifestObject, loading: Loading): void {
  const { settings, textHash, objects } = loading;
  const { position, line } = manifest;
  const key = inventoryKey(good.ref, good.apiVersion, settings.defaultNamespace);
  const raw = settings.keepsManifests === true ? written : null;
  objects.push({ ...good, key, raw, position, line, textHash });
}

function takeInvalid(
  { ref, errors, decodeErrors, warnings }: Extract<DecodeResult, { kind: 'invalid' }>,
  manifest: ManifestObject,
  loading: Loading,
): void {
  const objectRef = objectRefOf(ref);
  const key = inventoryKey(objectRef, ref.apiVersion, loading.settings.defaultNamespace);
  loading.rejected.push({ key, ref: objectRef });
  for (const error of errors) {
    tell('error', ref, error.field, () => renderFieldErrorBody(error), manifest, loading);
  }
  for (const text of decodeErrors) {
    const { field, message } = splitDecodeText(text);
    tell('error', ref, field, () => message, manifest, loading);
  }
  takeWarnings(warnings, ref, manifest, loading);
}

function takeWarnings(
  warnings: readonly string[],
  ref: KubeRef,
  manifest: ManifestObject,
  loading: Loading,
): void {
  const deprecated = deprecationWarning(ref.apiVersion, ref.kind);
  for (const warning of warnings) {
    const { field, message } =
      warning === deprecated ? { field: 'apiVersion', message: warning } : splitDecodeText(warning);
    const code = warning === deprecated ? 'DeprecatedVersion' : 'InvalidObject';
    tell('warning', ref, field, () => message, manifest, loading, code);
  }
}

function tell(
  severity: 'error' | 'warning',
  ref: KubeRef,
  field: string,
  renderMessage: () => string,
  manifest: ManifestObject,
  loading: Loading,
  code: FileFailure['code'] = 'InvalidObject',
): void {
  loading.found[severity] += 1;
  if (loading.found[severity] > maxFailures) return;
  const failure = objectFailure(ref, field, cutMessage(renderMessage()), manifest, loading);
  loading.failures.push({ ...failure, severity, code });
}

function cutMessage(message: string): string {
  if (message.length <= maxMessageChars) return message;
  return `${message.slice(0, maxMessageChars / 2)}…${message.slice(-maxMessageChars / 2)}`;
}

function tellLeftOut({ file, found, failures }: Loading): void {
  for (const severity of ['error', 'warning'] as const) {
    const leftOut = found[severity] - maxFailures;
    if (leftOut <= 0) continue;
    const message = `${leftOut} more ${severity}s in this file are not shown`;
    failures.push({ ...textFailure(file, { line: 0, message }, severity), code: 'InvalidObject' });
  }
}

function objectFailure(
  ref: KubeRef,
  field: string,
  message: string,
  { position, line }: ManifestObject,
  { file, parsed }: Loading,
): FileFailure {
  const node = field === '' ? null : parsed.nodeAt(position);
  return {
    file,
    line: node === null ? line : parsed.lineAt(findFieldOffset(node, field)),
    severity: 'error',
    code: 'InvalidObject',
    object: ref.kind === '' ? null : objectRefOf(ref),
    field,
    message,
    lastGoodServes: false,
  };
}

/** The decoder's sentences name their field inside; it is taken out so that its line can be found. */
function splitDecodeText(text: string): { field: string; message: string } {
  const strict = /^((?:unknown|duplicate) field) "([^"]+)"$/.exec(text);
  if (strict !== null) return { field: strict[2] ?? '', message: strict[1] ?? text };
  // Go's paths have no list indexes and begin with the name of a type.
  const typed = /Go struct field [^.\s]+\.(\S+) of type/.exec(text);
  return { field: typed?.[1] ?? '', message: text };
}

function objectRefOf({ kind, namespace, name }: KubeRef): ObjectRef {
  return namespace === undefined ? { kind, name } : { kind, namespace, name };
}

function apiVersionOf(raw: unknown): string {
  return typeof raw === 'object' && raw !== null && 'apiVersion' in raw ? String(raw.apiVersion) : '';
}
