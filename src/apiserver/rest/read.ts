// GET of one object, and lists: pages that show one state whatever is written meanwhile (apiserver pkg/storage/etcd3/store.go).
import { ApiError, badRequest, notFound } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import { isSelected } from '../selectors/index.ts';
import { type ListPage, RevisionExpiredError, type StoredKey } from '../storage/store.ts';
import { answerList, answerObject, type ListMeta } from './answer.ts';
import type { ApiResponse } from './api-request.ts';
import { type ContinuePlace, parseContinueToken, renderContinueToken } from './continue-token.ts';
import { type ListOptions, parseListOptions } from './list-options.ts';
import type { Scope } from './parts.ts';
import { queryText, readRevision } from './query-values.ts';
import { expired, revisionTooLarge } from './refusals.ts';

export function keyOf({ resource, target }: Scope, name = target.name): StoredKey {
  return { resource: resource.storage, namespace: resource.namespaced ? target.namespace : '', name };
}

/** @throws {ApiError} 404 */
export function readStored(scope: Scope): ApiObject {
  const object = scope.parts.store.get(keyOf(scope));
  if (object === null) throw notFound(scope.resourceName, scope.target.name);
  return object;
}

export function getObject(scope: Scope): ApiResponse {
  const wanted = expectRevision(queryText(scope.request.query, 'resourceVersion'), '');
  expectReached(wanted, scope);
  return answerObject(scope, 200, readStored(scope));
}

/** @throws {ApiError} 400 */
function expectRevision(text: string, prefix = 'invalid resource version: '): number {
  const reading = readRevision(text);
  if (reading.kind === 'revision') return reading.revision;
  throw badRequest(`${prefix}resourceVersion: Invalid value: ${JSON.stringify(text)}: ${reading.fault}`);
}

/** @throws {ApiError} 504 for a state that is not there yet. */
export function expectReached(wanted: number, { parts }: Scope): void {
  if (wanted > parts.store.revision) throw revisionTooLarge(wanted, parts.store.revision);
}

export function listObjects(scope: Scope): ApiResponse {
  const options = parseListOptions(scope.request.query, scope.resource, false);
  const { objects, metadata } = readList(scope, options);
  return answerList(scope, objects, metadata);
}

export interface SelectedPage {
  readonly objects: readonly ApiObject[];
  readonly metadata: ListMeta;
}

/** The objects that `options` ask for. @throws {ApiError} 400, 410, 504 */
export function readList(scope: Scope, options: ListOptions): SelectedPage {
  const place = startOf(scope, options);
  try {
    return readPages(scope, options, place);
  } catch (error) {
    if (!(error instanceof RevisionExpiredError)) throw error;
    throw options.continueToken === '' || place.after === null
      ? expired('The resourceVersion for the provided list is too old.')
      : expiredContinue({ revision: null, after: place.after }, listNamespace(scope, options) !== null);
  }
}

/** The client may go on, knowing that what it gets is no longer of one state. */
function expiredContinue(place: ContinuePlace, isNamespaced: boolean): ApiError {
  const refusal = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  const metadata = { continue: renderContinueToken(place, isNamespaced) };
  return new ApiError({ ...refusal.status, metadata });
}

interface ListStart {
  /** Null: the newest state. */
  readonly revision: number | null;
  /** Null: the first object. */
  readonly after: ContinuePlace['after'] | null;
}

function startOf(scope: Scope, options: ListOptions): ListStart {
  const { continueToken, resourceVersion, resourceVersionMatch, limit } = options;
  const { resource } = scope;
  if (continueToken !== '') {
    const place = parseContinueToken(continueToken, listNamespace(scope, options), !resource.namespaced);
    if (resourceVersion !== '' && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    if (place.revision !== null) expectReached(place.revision, scope);
    return place;
  }
  const wanted = expectRevision(resourceVersion);
  expectReached(wanted, scope);
  // Without a match, a version together with a limit means exactly that version.
  const isExact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0);
  return { revision: isExact && wanted > 0 ? wanted : null, after: null };
}

/** Null: all namespaces. A field selector narrows a list of all as the path does. */
export function listNamespace(
  { resource, target }: Scope,
  { selection }: Pick<ListOptions, 'selection'>,
): string | null {
  if (!resource.namespaced) return null;
  return target.namespace === '' ? selection.namespace : target.namespace;
}

/** Pages of the store until as many objects are selected as the limit wants. */
function readPages(scope: Scope, options: ListOptions, start: ListStart): SelectedPage {
  const { selection, limit } = options;
  const { parts, resource } = scope;
  const namespace = listNamespace(scope, options);
  const direct = start.revision === null && start.after === null ? readByName(scope, options) : null;
  if (direct !== null) return direct;
  const objects: ApiObject[] = [];
  let { revision, after } = start;
  // Selected objects may be rare: each page is twice as long as the one before.
  let pageSize = limit;
  let page: ListPage;
  for (;;) {
    page = parts.store.list({
      resource: resource.storage,
      namespace,
      ...(after === null ? {} : { after }),
      ...(limit === 0 ? {} : { limit: pageSize }),
      ...(revision === null || revision === parts.store.revision ? {} : { atRevision: revision }),
    });
    revision ??= page.revision;
    const isCut = takeSelected(page.objects, objects);
    const hasMore = isCut || page.remaining > 0;
    if (!hasMore || limit === 0 || objects.length >= limit || page.objects.length === 0) {
      return { objects, metadata: metaOf(hasMore) };
    }
    pageSize = Math.min(pageSize * 2, maxPageSize);
  }

  /** True when objects of the page are left because the limit is reached. */
  function takeSelected(from: readonly ApiObject[], into: ApiObject[]): boolean {
    for (const object of from) {
      if (limit > 0 && into.length >= limit) return true;
      after = { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
      if (isSelected(selection, object, resource)) into.push(object);
    }
    return false;
  }

  function metaOf(hasMore: boolean): ListMeta {
    const resourceVersion = String(revision ?? page.revision);
    if (!hasMore || after === null) return { resourceVersion };
    const token = renderContinueToken({ revision, after }, namespace !== null);
    // Of selected objects nobody knows how many there are.
    const remaining = selection.isEverything ? { remainingItemCount: page.remaining } : {};
    return { resourceVersion, continue: token, ...remaining };
  }
}

const maxPageSize = 10_000;

/** A list of one name needs no walk. Null: the selection names none, or names it in all namespaces. */
function readByName(scope: Scope, options: ListOptions): SelectedPage | null {
  const { selection } = options;
  const { parts, resource } = scope;
  const namespace = listNamespace(scope, options);
  if (selection.name === null || (resource.namespaced && namespace === null)) return null;
  const key = { resource: resource.storage, namespace: namespace ?? '', name: selection.name };
  const object = parts.store.get(key);
  const isFound = object !== null && isSelected(selection, object, resource);
  return { objects: isFound ? [object] : [], metadata: { resourceVersion: String(parts.store.revision) } };
}
