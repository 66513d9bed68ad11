// Watches: where they start, what they tell first, and how long they last (apiserver pkg/endpoints/handlers/get.go, watch.go,
// pkg/storage/cacher). Options that are wrong are answered over HTTP; a state that is gone or not there yet comes as a frame.
import { badRequest } from '../api-error.ts';
import type { WatchResponse } from './api-request.ts';
import { includeObjectOf } from './answer.ts';
import { type ListOptions, parseListOptions } from './list-options.ts';
import { type Scope, startUnrefTimer } from './parts.ts';
import { readRevision } from './query-values.ts';
import { listNamespace } from './read.ts';
import { WatchStream } from './watch-stream.ts';

/** A watch that names no time lasts between this and twice this. */
const defaultTimeoutMs = 1_800_000;
/** What a timer can be set to. */
const maxTimeoutMs = 2 ** 31 - 1;

export function watchObjects(scope: Scope): WatchResponse {
  const { parts, request, resource, target } = scope;
  const options = parseListOptions(request.query, resource, true);
  const namedOptions = target.isWatchPath && target.name !== '' ? selectName(options, target.name) : options;
  if (scope.negotiated.form === 'Table') includeObjectOf(request.query);
  const reading = readRevision(options.resourceVersion);
  if (reading.kind === 'invalid') {
    const shown = JSON.stringify(options.resourceVersion);
    throw badRequest(`resourceVersion: Invalid value: ${shown}: ${reading.fault}`);
  }
  const { revision } = reading;
  const sendsInitialEvents = options.sendInitialEvents ?? revision === 0;
  const plan = {
    selection: namedOptions.selection,
    namespace: listNamespace(scope, namedOptions),
    revision,
    sendsInitialEvents,
    allowsBookmarks: options.allowsBookmarks,
    timeoutMs: timeoutOf(options, parts.random ?? Math.random),
    startTimer: parts.startTimer ?? startUnrefTimer,
  };
  return {
    kind: 'watch',
    warnings: scope.warnings.texts,
    open: (sink) => {
      const stream = new WatchStream(scope, plan, sink);
      stream.start();
      return () => stream.stop();
    },
  };
}

/** The deprecated path `/watch/…/NAME` is a watch of one name. */
function selectName(options: ListOptions, name: string): ListOptions {
  const { selection } = options;
  if (selection.fields.length > 0 && selection.name !== name) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  }
  const term = { field: 'metadata.name', isEqual: true, value: name };
  return {
    ...options,
    selection: { ...selection, fields: [...selection.fields, term], name, isEverything: false },
  };
}

function timeoutOf({ timeoutSeconds }: ListOptions, random: () => number): number {
  if (timeoutSeconds === null || timeoutSeconds === 0) return Math.floor(defaultTimeoutMs * (1 + random()));
  return Math.min(Math.max(timeoutSeconds * 1000, 0), maxTimeoutMs);
}
