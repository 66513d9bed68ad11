// FrameRenderer: the frames of one watch, in the version and form that its client asked for.
import type { ApiObject } from '../api-object.ts';
import { renderBookmarkTable } from '../tables/index.ts';
import { convertStored, partialOf, printerOf, tableOf } from './answer.ts';
import type { WatchFrame } from './api-request.ts';
import { changeMeta } from './object-meta.ts';
import { groupVersionOf, type Scope } from './parts.ts';

/** On the bookmark that ends the state a watch began with. */
const initialEventsEnd = { 'k8s.io/initial-events-end': 'true' };

export function atRevision(object: ApiObject, revision: number): ApiObject {
  return changeMeta(object, { resourceVersion: String(revision) });
}

export class FrameRenderer {
  readonly #scope: Scope;
  /** Columns of a Table come with the first frame only. */
  #hasColumns = false;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  change(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: ApiObject): WatchFrame {
    const { form, metaVersion } = this.#scope.negotiated;
    if (form === 'object') return { type, object: convertStored(object, this.#scope.version) };
    if (form === 'Table') return { type, object: this.#table(object) };
    return { type, object: partialOf(object, metaVersion) };
  }

  bookmark(revision: number, isInitialEnd: boolean): WatchFrame {
    const { form, metaVersion } = this.#scope.negotiated;
    const resourceVersion = String(revision);
    const metadata = { resourceVersion, ...(isInitialEnd ? { annotations: initialEventsEnd } : {}) };
    if (form === 'Table') {
      const table = renderBookmarkTable(metadata, printerOf(this.#scope));
      return { type: 'BOOKMARK', object: { ...table, apiVersion: metaVersion } };
    }
    const isObject = form === 'object';
    const kind = isObject ? this.#scope.resource.kind : 'PartialObjectMetadata';
    const apiVersion = isObject ? groupVersionOf(this.#scope) : metaVersion;
    return { type: 'BOOKMARK', object: { kind, apiVersion, metadata } };
  }

  #table(object: ApiObject): Readonly<Record<string, unknown>> {
    const { resourceVersion = '' } = object.metadata;
    const hasColumns = !this.#hasColumns;
    this.#hasColumns = true;
    return { ...tableOf(this.#scope, [object], { resourceVersion }, hasColumns) };
  }
}
