// WatchStream: one open watch: the state at its start, then every change that its selection sees, then bookmarks and its end.
import { ApiError, type FailureStatus, internal } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import { isSelected, type Selection } from '../selectors/index.ts';
import { RevisionExpiredError, type StoreEvent, type StoreWatch } from '../storage/store.ts';
import type { WatchFrame, WatchSink } from './api-request.ts';
import { describeDefect } from './defect.ts';
import { type Scope, type StartTimer } from './parts.ts';
import { expired, revisionTooLarge } from './refusals.ts';
import { atRevision, FrameRenderer } from './watch-frames.ts';

export interface WatchPlan {
  readonly selection: Selection;
  /** Null: all, or the resource has none. */
  readonly namespace: string | null;
  /** What the client has seen; 0: nothing. */
  readonly revision: number;
  readonly sendsInitialEvents: boolean;
  readonly allowsBookmarks: boolean;
  readonly timeoutMs: number;
  readonly startTimer: StartTimer;
}

const bookmarkIntervalMs = 60_000;

export class WatchStream {
  readonly #scope: Scope;
  readonly #plan: WatchPlan;
  readonly #sink: WatchSink;
  readonly #frames: FrameRenderer;
  readonly #endsAtMs: number;
  #storeWatch: StoreWatch | null = null;
  #stopTimer: (() => void) | null = null;
  #isOver = false;

  constructor(scope: Scope, plan: WatchPlan, sink: WatchSink) {
    this.#scope = scope;
    this.#plan = plan;
    this.#sink = sink;
    this.#frames = new FrameRenderer(scope);
    this.#endsAtMs = scope.parts.nowMs() + plan.timeoutMs;
  }

  start(): void {
    try {
      const from = this.#plan.sendsInitialEvents ? this.#sendState() : this.#startRevision();
      this.#follow(from);
    } catch (error) {
      this.#fail(error);
    }
    if (!this.#isOver) this.#setTimer();
  }

  /** The receiver has left. */
  stop(): void {
    this.#isOver = true;
    this.#stopTimer?.();
    this.#storeWatch?.stop();
    this.#storeWatch = null;
  }

  #startRevision(): number {
    const { revision } = this.#plan;
    return revision === 0 ? this.#scope.parts.store.revision : revision;
  }

  /** ADDED for everything that is there, and the mark behind it. @returns its revision */
  #sendState(): number {
    const { store } = this.#scope.parts;
    const { selection, namespace, revision: wanted } = this.#plan;
    if (wanted > store.revision) throw revisionTooLarge(wanted, store.revision);
    const { objects, revision } = this.#readState(namespace);
    for (const object of objects) {
      if (this.#isOver) return revision;
      if (isSelected(selection, object, this.#scope.resource)) this.#send('ADDED', object);
    }
    if (this.#plan.allowsBookmarks) this.#sendFrame(this.#frames.bookmark(revision, true));
    return revision;
  }

  /** One object by its name where the selection says which; else all. */
  #readState(namespace: string | null): {
    readonly objects: readonly ApiObject[];
    readonly revision: number;
  } {
    const { parts, resource } = this.#scope;
    const { store } = parts;
    const { name } = this.#plan.selection;
    if (name === null || (resource.namespaced && namespace === null)) {
      return store.list({ resource: resource.storage, namespace });
    }
    const object = store.get({ resource: resource.storage, namespace: namespace ?? '', name });
    return { objects: object === null ? [] : [object], revision: store.revision };
  }

  #follow(from: number): void {
    if (this.#isOver) return;
    const { parts, resource } = this.#scope;
    const watch = parts.store.watch(resource.storage, this.#plan.namespace, from, (event) => {
      if (this.#isOver) return;
      try {
        this.#tell(event);
      } catch (error) {
        this.#fail(error);
      }
    });
    this.#storeWatch = watch;
    // It may have ended while the history was told.
    if (this.#isOver) watch.stop();
  }

  /** What a change is for the one who sees only what is selected. */
  #tell(event: StoreEvent): void {
    const { selection } = this.#plan;
    const { resource } = this.#scope;
    if (selection.isEverything) {
      this.#send(event.type, event.object);
      return;
    }
    const isNow = event.type !== 'DELETED' && isSelected(selection, event.object, resource);
    const wasBefore = event.previous !== null && isSelected(selection, event.previous, resource);
    if (isNow) this.#send(wasBefore ? 'MODIFIED' : 'ADDED', event.object);
    else if (wasBefore && event.type === 'DELETED') this.#send('DELETED', event.object);
    else if (wasBefore && event.previous !== null) {
      this.#send('DELETED', atRevision(event.previous, event.revision));
    }
  }

  #send(type: StoreEvent['type'], object: ApiObject): void {
    this.#sendFrame(this.#frames.change(type, object));
  }

  /** The answer to a slow receiver is the transport's. */
  #sendFrame(frame: WatchFrame): void {
    if (!this.#isOver) this.#sink.frame(frame);
  }

  #setTimer(): void {
    const { allowsBookmarks, startTimer } = this.#plan;
    const leftMs = Math.max(0, this.#endsAtMs - this.#scope.parts.nowMs());
    const isBookmarkNext = allowsBookmarks && bookmarkIntervalMs < leftMs;
    this.#stopTimer = startTimer(isBookmarkNext ? bookmarkIntervalMs : leftMs, () => {
      if (this.#isOver) return;
      if (allowsBookmarks) this.#sendFrame(this.#frames.bookmark(this.#scope.parts.store.revision, false));
      if (isBookmarkNext) this.#setTimer();
      else this.#end();
    });
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#sendFrame({ type: 'ERROR', object: { ...this.#statusOf(error) } });
    this.#end();
  }

  #statusOf(error: unknown): FailureStatus {
    if (error instanceof ApiError) return error.status;
    if (error instanceof RevisionExpiredError) return expired(error.message).status;
    this.#scope.parts.log?.error({ error: describeDefect(error) }, 'a watch of the API failed');
    return internal('the watch failed').status;
  }

  #end(): void {
    if (this.#isOver) return;
    this.stop();
    this.#sink.end();
  }
}
