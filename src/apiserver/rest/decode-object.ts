// From a document to an object of the request's version: which kind it claims to be, its structure, unknown and duplicate
// fields (apiserver pkg/endpoints/handlers/rest.go transformDecodeError; apimachinery pkg/runtime/serializer).
import { decodeStructure, goQuote, isJsonObject, type ObjectMeta } from '../../kube/index.ts';
import { badRequest } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import { parseBody, unreadableBody } from './body.ts';
import { BodySyntaxError, type ParsedText } from './body-text.ts';
import { groupVersionOf, type Scope } from './parts.ts';
import type { FieldValidation } from './write-options.ts';

/** Where Go's registry of kinds is made, as its messages end. */
export const goScheme = '"pkg/runtime/scheme.go:111"';
/** More than this many unknown and duplicate fields are not listed. */
const maxStrictErrors = 100;

/** The request's object in its own version. @throws {ApiError} 400, 413, 415 */
export function decodeRequestObject(scope: Scope, fieldValidation: FieldValidation): ApiObject {
  const { request, resource } = scope;
  let parsed: ParsedText;
  try {
    const expected = { apiVersion: groupVersionOf(scope), kind: resource.kind };
    parsed = parseBody(request, fieldValidation !== 'Ignore', expected);
  } catch (error) {
    if (error instanceof BodySyntaxError) throw unreadableBody(request, resource.kind, error.message);
    throw error;
  }
  const { value, duplicates } = parsed;
  if (!isJsonObject(value)) {
    throw unreadableBody(request, resource.kind, `couldn't get version/kind; ${describeNonObject(value)}`);
  }
  const claimed = expectKind(value, scope);
  const result = decodeDocument(value, scope);
  if (result.typeError !== null) throw cannotHandle(claimed, scope, result.typeError);
  const strictErrors = [...duplicates, ...result.unknownFields].slice(0, maxStrictErrors);
  reportStrictErrors(strictErrors, fieldValidation, scope, (text) => cannotHandle(claimed, scope, text));
  return result.object;
}

/** Go's complaint about a body that is JSON but no object. */
export function describeNonObject(value: unknown): string {
  const kind = Array.isArray(value) ? 'array' : typeof value;
  return `json parse error: json: cannot unmarshal ${kind} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
}

interface ClaimedKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What the document says it is; what it leaves out is the request's. @throws {ApiError} 400 for another kind or version. */
function expectKind(value: Readonly<Record<string, unknown>>, scope: Scope): ClaimedKind {
  const { resource, request } = scope;
  const groupVersion = groupVersionOf(scope);
  for (const field of ['apiVersion', 'kind']) {
    const said = value[field];
    if (said === undefined || said === null || typeof said === 'string') continue;
    const fault = `json: cannot unmarshal ${Array.isArray(said) ? 'array' : typeof said} into Go struct field .${field} of type string`;
    throw unreadableBody(request, resource.kind, `couldn't get version/kind; json parse error: ${fault}`);
  }
  const claimed = {
    apiVersion: textOr(value['apiVersion'], groupVersion),
    kind: textOr(value['kind'], resource.kind),
  };
  if (claimed.apiVersion === groupVersion && claimed.kind === resource.kind) return claimed;
  const [group, version] = splitGroupVersion(claimed.apiVersion);
  const known = scope.parts.registry.lookupKind(group, version, claimed.kind);
  if (known === null) {
    const fault = `no kind ${goQuote(claimed.kind)} is registered for version ${goQuote(claimed.apiVersion)} in scheme ${goScheme}`;
    throw cannotHandle(claimed, scope, fault);
  }
  if (claimed.kind !== resource.kind) {
    const fault = `converting (${version}.${claimed.kind}) to (${packageOf(resource.group)}.${resource.kind}): unknown conversion`;
    throw cannotHandle(claimed, scope, fault);
  }
  throw badRequest(
    `the API version in the data (${claimed.apiVersion}) does not match the expected API version (${groupVersion})`,
  );
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

export function splitGroupVersion(apiVersion: string): readonly [group: string, version: string] {
  const at = apiVersion.indexOf('/');
  return at < 0 ? ['', apiVersion] : [apiVersion.slice(0, at), apiVersion.slice(at + 1)];
}

/** The Go package of a group's types. */
function packageOf(group: string): string {
  return group === '' ? 'core' : (group.split('.', 1)[0] ?? '');
}

function cannotHandle({ apiVersion, kind }: ClaimedKind, { resource }: Scope, fault: string): Error {
  const [, version] = splitGroupVersion(apiVersion);
  return badRequest(
    `${kind} in version ${goQuote(version)} cannot be handled as a ${resource.kind}: ${fault}`,
  );
}

export interface DecodedDocument {
  readonly object: ApiObject;
  /** Null: every value has the type of its field. */
  readonly typeError: string | null;
  /** As strict decoding tells them: `unknown field "spec.foo"`. */
  readonly unknownFields: readonly string[];
}

/** A JSON object as an object of the scope's version, whatever kind it claims to be. */
export function decodeDocument(value: Readonly<Record<string, unknown>>, scope: Scope): DecodedDocument {
  const { version, resource } = scope;
  const decode = version.decode ?? ((raw) => decodeStructure(raw, version.schema));
  const { value: decoded, typeErrors, unknownFields } = decode(value);
  const metadata = isJsonObject(decoded['metadata']) ? decoded['metadata'] : {};
  const object = {
    ...decoded,
    apiVersion: groupVersionOf(scope),
    kind: resource.kind,
    metadata: trimMeta(metadata),
  };
  return {
    object,
    typeError: typeErrors[0] ?? null,
    unknownFields: unknownFields.map((path) => `unknown field ${goQuote(path)}`),
  };
}

/** Decoding has made it what ObjectMeta says; what is empty is as good as absent, and stored so. */
function trimMeta(metadata: Readonly<Record<string, unknown>>): ObjectMeta {
  const entries = Object.entries(metadata).filter(([, value]) => !isEmptyValue(value));
  return { name: '', ...Object.fromEntries(entries) };
}

function isEmptyValue(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Findings that are warnings or an error, as `fieldValidation` wants it. `refuse` makes the error. */
export function reportStrictErrors(
  texts: readonly string[],
  fieldValidation: FieldValidation,
  scope: Scope,
  refuse: (text: string) => Error,
): void {
  if (texts.length === 0 || fieldValidation === 'Ignore') return;
  if (fieldValidation === 'Strict') throw refuse(`strict decoding error: ${texts.join(', ')}`);
  for (const text of texts) for (const line of splitYamlFindings(text)) scope.warnings.add(line);
}

/** YAML's duplicates come as one text of several lines, each a warning of its own. */
export function splitYamlFindings(text: string): string[] {
  const prefix = 'yaml: unmarshal errors:\n';
  if (!text.startsWith(prefix)) return [text];
  return text
    .slice(prefix.length)
    .split('\n')
    .map((line) => line.trim());
}
