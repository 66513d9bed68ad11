// From a document to an object of the request's version: which kind it claims to be, its structure, unknown and duplicate
// fields (apiserver pkg/endpoints/handlers/rest.go transformDecodeError; apimachinery pkg/runtime/serializer).
import { decodeStructure, goQuote, invalidError, isJsonObject, type ObjectMeta } from '../../kube/index.ts';
import { badRequest, invalid } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import type { ResourceVersion } from '../registry/resource.ts';
import { parseBody, unreadableBody } from './body.ts';
import { BodySyntaxError, type ParsedText } from './body-text.ts';
import { groupVersionOf, joinGroupVersion, type Scope } from './parts.ts';
import type { FieldValidation } from './write-options.ts';

/** Where Go's registry of kinds is made, as its messages end. */
export const goScheme = '"pkg/runtime/scheme.go:111"';
/** More than this many unknown and duplicate fields are not listed. */
const maxStrictErrors = 100;
/** Of a document that is shown to whoever sent it. */
const maxShownCharacters = 4096;

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
  const { duplicates } = parsed;
  // As Go has it, null is an object of which nothing is said.
  const value = parsed.value ?? {};
  if (!isJsonObject(value)) {
    throw unreadableBody(request, resource.kind, `couldn't get version/kind; ${describeNonObject(value)}`);
  }
  const claimed = expectKind(value, scope, fieldValidation);
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

export interface ClaimedKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What the document says it is; what it leaves out is the request's. @throws {ApiError} 400, 422 for another kind or version. */
function expectKind(
  value: Readonly<Record<string, unknown>>,
  scope: Scope,
  fieldValidation: FieldValidation,
): ClaimedKind {
  const { resource, request } = scope;
  const unreadable = (fault: string): Error => unreadableBody(request, resource.kind, fault);
  const groupVersion = groupVersionOf(scope);
  for (const field of ['apiVersion', 'kind']) {
    const said = value[field];
    if (said === undefined || said === null || typeof said === 'string') continue;
    const fault = `json: cannot unmarshal ${Array.isArray(said) ? 'array' : typeof said} into Go struct field .${field} of type string`;
    throw unreadable(`couldn't get version/kind; json parse error: ${fault}`);
  }
  if (resource.isCustom === true) expectTyped(value, unreadable);
  const claimed = claimedKindOf(value, scope);
  if (claimed.apiVersion === groupVersion && claimed.kind === resource.kind) return claimed;
  if (claimed.apiVersion.split('/').length > 2) {
    throw unreadable(`unexpected GroupVersion string: ${claimed.apiVersion}`);
  }
  const isOwnGroup = splitGroupVersion(claimed.apiVersion)[0] === resource.group;
  if (resource.isCustom === true && isOwnGroup) expectCustomKind(claimed, value, scope);
  else {
    const fault = findKindFault(claimed, scope);
    if (fault !== null) throw cannotHandle(claimed, scope, fault);
    reportFieldsOfOther(value, claimed, scope, fieldValidation);
  }
  throw badRequest(
    `the API version in the data (${claimed.apiVersion}) does not match the expected API version (${groupVersion})`,
  );
}

/** What a document calls itself, with the request's version and kind for what it leaves out. */
export function claimedKindOf(value: Readonly<Record<string, unknown>>, scope: Scope): ClaimedKind {
  return {
    apiVersion: textOr(value['apiVersion'], groupVersionOf(scope)),
    kind: textOr(value['kind'], scope.resource.kind),
  };
}

/** Null: the kind of the request, in whatever version. Else what Go says of such a document. */
export function findKindFault({ apiVersion, kind }: ClaimedKind, { resource, parts }: Scope): string | null {
  const [group, version] = splitGroupVersion(apiVersion);
  const isKnown = (name: string): boolean => parts.registry.lookupKind(group, version, name) !== null;
  if (!isKnown(kind) && !(kind.endsWith('List') && isKnown(kind.slice(0, -'List'.length)))) {
    return `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme ${goScheme}`;
  }
  if (kind === resource.kind) return null;
  return `converting (${version}.${kind}) to (${packageOf(resource.group)}.${resource.kind}): unknown conversion`;
}

/** The version of the request's kind that the document claims, which is another one. */
export function claimedVersionOf(
  { apiVersion, kind }: ClaimedKind,
  { parts }: Scope,
): ResourceVersion | null {
  const [group, name] = splitGroupVersion(apiVersion);
  const resource = parts.registry.lookupKind(group, name, kind);
  return resource?.versions.find(({ version }) => version === name) ?? null;
}

/** Fields that the other version does not have are told before the version is refused. */
function reportFieldsOfOther(
  value: Readonly<Record<string, unknown>>,
  claimed: ClaimedKind,
  scope: Scope,
  fieldValidation: FieldValidation,
): void {
  const version = claimedVersionOf(claimed, scope);
  if (version === null) return;
  const { typeError, unknownFields } = decodeDocument(value, scope, version);
  if (typeError !== null) throw cannotHandle(claimed, scope, typeError);
  reportStrictErrors(unknownFields, fieldValidation, scope, (text) => cannotHandle(claimed, scope, text));
}

/** A custom resource has no Go type that a document without a kind could be. @throws {ApiError} 400 */
function expectTyped(value: Readonly<Record<string, unknown>>, unreadable: (fault: string) => Error): void {
  const missing = ['kind', 'apiVersion'].find((field) => textOr(value[field], '') === '');
  if (missing === undefined) return;
  const shown = JSON.stringify(value).slice(0, maxShownCharacters);
  throw unreadable(`Object '${missing === 'kind' ? 'Kind' : missing}' is missing in '${shown}'`);
}

/** Any document is a custom resource; that it is one of another kind is found when it is validated. @throws {ApiError} 422 */
function expectCustomKind(
  { apiVersion, kind }: ClaimedKind,
  value: Readonly<Record<string, unknown>>,
  scope: Scope,
): void {
  const { resource } = scope;
  if (apiVersion !== groupVersionOf(scope)) return;
  const { metadata } = decodeDocument(value, scope).object;
  const error = invalidError('kind', kind, `must be ${resource.kind}`);
  throw invalid(kind, resource.group, metadata.name, [error]);
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

/** A JSON object as an object of a version, by default the scope's, whatever kind it claims to be. */
export function decodeDocument(
  value: Readonly<Record<string, unknown>>,
  scope: Scope,
  version: ResourceVersion = scope.version,
): DecodedDocument {
  const { resource } = scope;
  const decode = version.decode ?? ((raw) => decodeStructure(raw, version.schema));
  const { value: decoded, typeErrors, unknownFields } = decode(value);
  const metadata = isJsonObject(decoded['metadata']) ? decoded['metadata'] : {};
  const object = {
    ...decoded,
    apiVersion: joinGroupVersion(scope.resource.group, version.version),
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
  // Empty managedFields mean something: that the stored ones are to be forgotten.
  const entries = Object.entries(metadata).filter(
    ([name, value]) => name === 'managedFields' || !isEmptyValue(value),
  );
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
