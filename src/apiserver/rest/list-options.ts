// ListOptions: the query parameters of lists, watches and deletions of many (apimachinery pkg/apis/meta/internalversion).
import { type FieldError, forbiddenError } from '../../kube/index.ts';
import { badRequest, invalid } from '../api-error.ts';
import type { Resource } from '../registry/resource.ts';
import { parseSelection, type Selection, SelectorSyntaxError } from '../selectors/index.ts';
import { queryBoolean, queryInteger, queryText } from './query-values.ts';
import { notAmongError } from './refusals.ts';

export interface ListOptions {
  readonly selection: Selection;
  readonly isWatch: boolean;
  readonly allowsBookmarks: boolean;
  /** As it came; empty: absent. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: '' | 'Exact' | 'NotOlderThan';
  /** Null: not said. */
  readonly sendInitialEvents: boolean | null;
  /** Null: not said. */
  readonly timeoutSeconds: number | null;
  /** 0: no limit. */
  readonly limit: number;
  /** Empty: from the start. */
  readonly continueToken: string;
}

interface RawOptions extends Omit<ListOptions, 'selection' | 'resourceVersionMatch'> {
  readonly resourceVersionMatch: string;
}

/** @throws {ApiError} 400, 422 */
export function parseListOptions(
  query: URLSearchParams,
  resource: Resource,
  isWatchPath: boolean,
): ListOptions {
  const raw: RawOptions = {
    isWatch: (queryBoolean(query, 'watch') ?? false) || isWatchPath,
    allowsBookmarks: queryBoolean(query, 'allowWatchBookmarks') ?? false,
    resourceVersion: queryText(query, 'resourceVersion'),
    resourceVersionMatch: queryText(query, 'resourceVersionMatch'),
    sendInitialEvents: queryBoolean(query, 'sendInitialEvents'),
    timeoutSeconds: queryInteger(query, 'timeoutSeconds'),
    limit: Math.max(queryInteger(query, 'limit') ?? 0, 0),
    continueToken: queryText(query, 'continue'),
  };
  const selection = readSelection(query, resource);
  const errors = raw.isWatch ? validateWatch(raw) : validateList(raw);
  if (errors.length > 0) throw invalid('ListOptions', 'meta.k8s.io', '', errors);
  // Validated above.
  const resourceVersionMatch = raw.resourceVersionMatch as ListOptions['resourceVersionMatch'];
  return { ...raw, resourceVersionMatch, selection };
}

function readSelection(query: URLSearchParams, resource: Resource): Selection {
  try {
    return parseSelection(queryText(query, 'labelSelector'), queryText(query, 'fieldSelector'), resource);
  } catch (error) {
    if (error instanceof SelectorSyntaxError) throw badRequest(error.message);
    throw error;
  }
}

const matchField = 'resourceVersionMatch';

function validateList(options: RawOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceVersionMatch: match } = options;
  const forbid = (detail: string): void => void errors.push(forbiddenError(matchField, detail));
  if (match !== '') {
    if (options.resourceVersion === '') {
      forbid('resourceVersionMatch is forbidden unless resourceVersion is provided');
    }
    if (options.continueToken !== '') forbid('resourceVersionMatch is forbidden when continue is provided');
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notAmongError(matchField, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && options.resourceVersion === '0') {
      forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (options.sendInitialEvents !== null) {
    errors.push(forbiddenError('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function validateWatch(options: RawOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceVersionMatch: match } = options;
  const forbid = (detail: string): void => void errors.push(forbiddenError(matchField, detail));
  if (options.sendInitialEvents !== null && match !== 'NotOlderThan') {
    forbid('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (match !== '') {
    if (options.sendInitialEvents === null) {
      forbid('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    }
    if (match !== 'NotOlderThan') errors.push(notAmongError(matchField, match, ['NotOlderThan']));
    if (options.continueToken !== '') forbid('resourceVersionMatch is forbidden when continue is provided');
  }
  return errors;
}
