// Messages between the primary and its workers. Plain cloneable data ('advanced' serialization).
import type { ProxySettings, TablePatch } from '../model/index.ts';
import type { LimitAnswer, LimitQuestions } from './limit-asker.ts';
import type { StapleChange } from './ocsp/stapler.ts';
import type { RequestFacts } from './recent-requests.ts';
import type { LogLevel } from '../observe/logger.ts';
import type { MetricsSnapshot } from '../observe/request-metrics.ts';

export interface PemPair {
  readonly chainPem: string;
  readonly keyPem: string;
}

/** Everything a worker needs before it listens. */
export interface WorkerInit {
  readonly settings: ProxySettings;
  /** 0-based; shown in logs and metrics. */
  readonly index: number;
  /** Served where the table has no certificate. */
  readonly defaultCertificate: PemPair;
  /** 48 bytes, shared by all workers, so that a session resumes on any of them. */
  readonly ticketKeys: Uint8Array;
  /** 32 bytes, shared by all workers, so that digest authentication goes on with any of them. */
  readonly nonceKey: Uint8Array;
  /** OCSP answers so far. */
  readonly staples: readonly StapleChange[];
  /** The table so far, as a patch from the empty one; null before the first translation. */
  readonly table: TablePatch | null;
  /** Among how many instances limits of clients are divided. */
  readonly limitShare: number;
  readonly logLevel: LogLevel;
  readonly logFormat: 'text' | 'json';
}

export type ToWorker =
  | { readonly kind: 'init'; readonly init: WorkerInit }
  | { readonly kind: 'patch'; readonly patch: TablePatch }
  | { readonly kind: 'ticket-keys'; readonly ticketKeys: Uint8Array }
  | { readonly kind: 'staples'; readonly staples: readonly StapleChange[] }
  | { readonly kind: 'limit-answers'; readonly batch: number; readonly answers: readonly LimitAnswer[] }
  | { readonly kind: 'limit-share'; readonly share: number }
  | { readonly kind: 'collect'; readonly id: number }
  | { readonly kind: 'find-request'; readonly id: number; readonly requestId: string }
  | { readonly kind: 'drain' };

export type ToPrimary =
  /** Waits for its init. */
  | { readonly kind: 'up' }
  | { readonly kind: 'listening'; readonly httpPort: number; readonly httpsPort: number }
  | LimitQuestions
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  /** Serves by this version of the table. */
  | { readonly kind: 'applied'; readonly version: number }
  | { readonly kind: 'metrics'; readonly id: number; readonly snapshot: MetricsSnapshot }
  /** Null: this worker knows no such request. */
  | { readonly kind: 'found-request'; readonly id: number; readonly facts: RequestFacts | null };
