// ControlSide: the half of `sallyport up` that makes the routing table, in its two forms: from files alone, or from the embedded
// API server to which the files are applied.
import type { Controller } from '../controller/index.ts';
import type { RouteTable } from '../model/index.ts';
import type { MetricsSnapshot } from '../observe/metrics-snapshot.ts';

export interface ControlSide {
  readonly controller: Controller;
  /** Resolves when the first complete table was published. Rejects when a path cannot be read or the state cannot be used. */
  readonly start: () => Promise<void>;
  /** What is served now; null before the first load. */
  readonly table: () => RouteTable | null;
  /** Every worker serves by this version of the table. */
  readonly onServed: (version: number) => void;
  readonly metrics: () => readonly MetricsSnapshot[];
  /** Before `stop`: gives up what only one of several instances does. Where an API server of others is followed, its changes still are. */
  readonly leave: () => Promise<void>;
  /** Nothing is published after this. */
  readonly stop: () => Promise<void>;
}
