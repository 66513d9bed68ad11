// createApiHandler: from a path and a method to what answers it. Nothing that is thrown gets out: refusals become Status values,
// defects a 500 that tells nothing of the objects.
import { ApiError, failure, internal, methodNotSupported, notFound, unknownPath } from '../api-error.ts';
import type { Resource, Verb } from '../registry/resource.ts';
import { StorageError } from '../storage/index.ts';
import type { ApiHandler, ApiRequest, ApiResponse } from './api-request.ts';
import { createObject } from './create.ts';
import { deleteCollection, deleteObject } from './delete.ts';
import { describeDefect } from './defect.ts';
import { GarbageCollector } from './garbage-collection.ts';
import { negotiateAnswer } from './negotiate.ts';
import { expectPathNames, parseTarget, type PathTarget } from './parse-path.ts';
import { type RestParts, type Scope, Warnings } from './parts.ts';
import { patchObject } from './patch.ts';
import { expectTimeout, queryBoolean } from './query-values.ts';
import { getObject, listObjects } from './read.ts';
import { methodNotAllowed } from './refusals.ts';
import { answerReview, reviewGroups } from './reviews.ts';
import { updateObject } from './update.ts';
import { watchObjects } from './watch.ts';

const answers: Readonly<Record<Verb, (scope: Scope) => ApiResponse>> = {
  create: createObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
  get: getObject,
  list: listObjects,
  patch: patchObject,
  update: updateObject,
  watch: watchObjects,
};

/** Answers every path under /api and /apis; others are discovery's, which may not know them either. */
export function createApiHandler(parts: RestParts): ApiHandler {
  const garbage = new GarbageCollector(parts);
  return (request) => {
    // What was warned of before a refusal is told with it.
    const warnings = new Warnings();
    try {
      return answer(request, parts, garbage, warnings);
    } catch (error) {
      return refuse(error, parts, warnings);
    }
  };
}

function answer(
  request: ApiRequest,
  parts: RestParts,
  garbage: GarbageCollector,
  warnings: Warnings,
): ApiResponse {
  const target = parseTarget(request.path);
  if (target === null) return answerElse(request, parts);
  const review = answerReview(request, target, parts);
  if (review !== null) return review;
  const resource = parts.registry.lookup(target.group, target.version, target.plural);
  const version = resource?.versions.find(({ version: name }) => name === target.version);
  if (resource === null || version === undefined || !isInScope(resource, target)) {
    return answerElse(request, parts);
  }
  const resourceName = { group: resource.group, plural: resource.plural };
  if (!hasPart(resource, target)) {
    throw resource.isCustom === true ? notFound(resourceName, target.name) : unknownPath();
  }
  expectTimeout(request.query);
  const verb = verbOf(request, target);
  if (!hasVerb(resource, target, verb)) {
    throw resource.isCustom === true ? methodNotSupported(resourceName, verb) : methodNotAllowed();
  }
  expectPathNames(target);
  if (request.method !== 'GET') garbage.refresh();
  if (version.deprecation !== null) warnings.add(version.deprecation);
  const negotiated = negotiateAnswer(request.accept);
  return answers[verb]({
    parts,
    garbage,
    request,
    target,
    resource,
    version,
    resourceName,
    negotiated,
    warnings,
  });
}

function answerElse(request: ApiRequest, parts: RestParts): ApiResponse {
  const response = parts.discovery(request);
  if (response !== null) return response;
  if (isBuiltInPath(request.path, parts)) throw unknownPath();
  return pageNotFound;
}

/** As kube-apiserver answers where no API is, the groups of custom resources among it. */
const pageNotFound: ApiResponse = {
  kind: 'bytes',
  status: 404,
  contentType: 'text/plain; charset=utf-8',
  bytes: Buffer.from('404 page not found\n'),
};

function isBuiltInPath(path: string, { registry }: RestParts): boolean {
  if (/^\/apis?\/?$|^\/api\//.test(path)) return true;
  const [, name] = /^\/apis\/([^/]+)/.exec(path) ?? [];
  if (name === undefined) return false;
  return (
    reviewGroups.has(name) ||
    registry.resources().some(({ group, isCustom }) => group === name && isCustom !== true)
  );
}

function hasPart({ subresources }: Resource, { subresource }: PathTarget): boolean {
  return subresource === '' || subresources.some((known) => known === subresource);
}

/** Whether the path has a namespace where the resource has one. */
function isInScope(resource: Resource, { namespace, name }: PathTarget): boolean {
  if (!resource.namespaced) return namespace === '';
  return namespace !== '' || name === '';
}

function verbOf({ method, query }: ApiRequest, { name, isWatchPath }: PathTarget): Verb {
  switch (method) {
    case 'GET':
      if (isWatchPath || (name === '' && queryBoolean(query, 'watch') === true)) return 'watch';
      return name === '' ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      // A transport that lets other methods through.
      throw methodNotAllowed();
  }
}

const subresourceVerbs: ReadonlySet<Verb> = new Set(['get', 'patch', 'update']);

function hasVerb(resource: Resource, { name, namespace, subresource }: PathTarget, verb: Verb): boolean {
  if (subresource === 'finalize') return verb === 'update';
  if (subresource !== '') return subresourceVerbs.has(verb);
  if (!resource.verbs.includes(verb)) return false;
  if (name !== '') return verb !== 'create';
  if (verb === 'update' || verb === 'patch') return false;
  // Across all namespaces there is nothing but to look.
  return !resource.namespaced || namespace !== '' || verb === 'list' || verb === 'watch';
}

function refuse(error: unknown, parts: RestParts, warnings: Warnings): ApiResponse {
  const { status } = toApiError(error, parts);
  const retryAfterSeconds = status.details?.retryAfterSeconds;
  return {
    kind: 'value',
    status: status.code,
    value: status,
    warnings: warnings.texts,
    ...(retryAfterSeconds === undefined ? {} : { headers: { 'Retry-After': String(retryAfterSeconds) } }),
  };
}

function toApiError(error: unknown, { log }: RestParts): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof StorageError) {
    log?.error({ error: error.message }, 'the storage of the API refused a request');
    return failure(500, 'InternalError', `Internal error occurred: ${error.message}`);
  }
  log?.error({ error: describeDefect(error) }, 'a request to the API failed');
  return internal('the request could not be answered');
}
