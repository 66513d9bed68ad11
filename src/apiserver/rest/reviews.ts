// Reviews: kinds that are asked, not stored. Who may do what (every known user all), who somebody is. As `kubectl auth` and
// controllers ask them.
import { decodeStructure, invalidError, isJsonObject, schemaOf } from '../../kube/index.ts';
import { badRequest } from '../api-error.ts';
import type { ApiRequest, UserInfo, ValueResponse } from './api-request.ts';
import { parseBody, unreadableBody } from './body.ts';
import { BodySyntaxError } from './body-text.ts';
import type { PathTarget } from './parse-path.ts';
import { joinGroupVersion, type RestParts } from './parts.ts';
import { invalidWithoutKind, methodNotAllowed } from './refusals.ts';

type Members = Readonly<Record<string, unknown>>;

interface Review {
  readonly group: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** The answer to a decoded request. */
  readonly statusOf: (review: Members, request: ApiRequest, parts: RestParts) => unknown;
}

const authorization = 'authorization.k8s.io';
const authentication = 'authentication.k8s.io';

const reviews: ReadonlyMap<string, Review> = new Map([
  ['selfsubjectaccessreviews', reviewOf(authorization, 'SelfSubjectAccessReview', allowOne)],
  ['subjectaccessreviews', reviewOf(authorization, 'SubjectAccessReview', allowOne)],
  ['localsubjectaccessreviews', reviewOf(authorization, 'LocalSubjectAccessReview', allowOne, true)],
  ['selfsubjectrulesreviews', reviewOf(authorization, 'SelfSubjectRulesReview', allRules)],
  ['selfsubjectreviews', reviewOf(authentication, 'SelfSubjectReview', whoAsks)],
  ['tokenreviews', reviewOf(authentication, 'TokenReview', whoseToken)],
]);

/** Groups in which nothing is stored. */
export const reviewGroups: ReadonlySet<string> = new Set([authorization, authentication]);

function reviewOf(group: string, kind: string, statusOf: Review['statusOf'], namespaced = false): Review {
  return { group, kind, statusOf, namespaced };
}

/** What is asked must be one thing: a resource or a path. @throws {ApiError} 422 */
function allowOne(review: Members): unknown {
  const spec = isJsonObject(review['spec']) ? review['spec'] : {};
  const { resourceAttributes, nonResourceAttributes: path } = spec;
  // The kind is left out by the API server too.
  const refuse = (field: string, value: unknown, detail: string): Error =>
    invalidWithoutKind(authorization, [invalidError(field, value, detail)]);
  if (resourceAttributes !== undefined && isJsonObject(path)) {
    const detail = 'cannot be specified in combination with resourceAttributes';
    const shown = { Path: path['path'] ?? '', Verb: path['verb'] ?? '' };
    throw refuse('spec.nonResourceAttributes', shown, detail);
  }
  if (resourceAttributes === undefined && path === undefined) {
    const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    throw refuse('spec.resourceAttributes', null, detail);
  }
  return { allowed: true };
}

/** @throws {ApiError} 400 */
function allRules(review: Members): unknown {
  const spec = isJsonObject(review['spec']) ? review['spec'] : {};
  if ((spec['namespace'] ?? '') === '') throw badRequest('no namespace on request');
  return {
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  };
}

function userInfo({ name, groups }: UserInfo): unknown {
  return { username: name, groups };
}

function whoAsks(_review: unknown, { user }: ApiRequest): unknown {
  return { userInfo: userInfo(user) };
}

function whoseToken(review: Members, _request: unknown, parts: RestParts): unknown {
  const spec = isJsonObject(review['spec']) ? review['spec'] : {};
  const { token, audiences } = spec;
  const user = typeof token === 'string' && token !== '' ? (parts.lookupToken?.(token) ?? null) : null;
  if (user === null) return { authenticated: false, user: {}, error: 'invalid bearer token' };
  return { authenticated: true, user: userInfo(user), ...(Array.isArray(audiences) ? { audiences } : {}) };
}

/** Null: the path names no review. @throws {ApiError} */
export function answerReview(
  request: ApiRequest,
  target: PathTarget,
  parts: RestParts,
): ValueResponse | null {
  const review = reviews.get(target.plural);
  if (review === undefined || review.group !== target.group || target.version !== 'v1') return null;
  if (target.name !== '' || review.namespaced !== (target.namespace !== '')) return null;
  if (request.method !== 'POST') throw methodNotAllowed();
  const decoded = decodeReview(request, review);
  const status = review.statusOf(decoded, request, parts);
  return { kind: 'value', status: 201, value: { ...decoded, status }, warnings: [] };
}

function decodeReview(request: ApiRequest, { group, kind }: Review): Members {
  const apiVersion = joinGroupVersion(group, 'v1');
  const value = readReview(request, apiVersion, kind);
  const said = { apiVersion: value['apiVersion'] ?? apiVersion, kind: value['kind'] ?? kind };
  if (said.apiVersion !== apiVersion || said.kind !== kind) {
    const shown = typeof said.apiVersion === 'string' ? said.apiVersion : '';
    throw badRequest(
      `the API version in the data (${shown}) does not match the expected API version (${apiVersion})`,
    );
  }
  const schema = schemaOf(apiVersion, kind);
  if (schema === undefined) throw new Error(`no schema for ${apiVersion} ${kind}`);
  const { value: decoded, typeErrors } = decodeStructure(value, schema);
  const [fault] = typeErrors;
  if (fault !== undefined) {
    throw badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${fault}`);
  }
  return { ...decoded, apiVersion, kind };
}

function readReview(request: ApiRequest, apiVersion: string, kind: string): Members {
  try {
    const { value } = parseBody(request, false, { apiVersion, kind });
    if (isJsonObject(value)) return value;
  } catch (error) {
    if (error instanceof BodySyntaxError) throw unreadableBody(request, kind, error.message);
    throw error;
  }
  throw unreadableBody(request, kind, "couldn't get version/kind; json parse error");
}
