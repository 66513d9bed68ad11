// What to do about one certificate now: order it, for which hosts, or wait until when. Pure.
import type { HeldCertificate } from './held-certificate.ts';

export type OrderPlan =
  | { readonly kind: 'order'; readonly hosts: readonly string[] }
  | { readonly kind: 'wait'; readonly untilMs: number };

export interface OrderQuestion {
  readonly hosts: readonly string[];
  /** What is served; null: nothing of this server. */
  readonly held: HeldCertificate | null;
  /** When `held` is to be renewed. */
  readonly renewAtMs: number;
  readonly retryAtMs: (host: string) => number;
  readonly nowMs: number;
}

/**
 * Due when a host is not in the certificate, or the renewal's time has come. Hosts whose last try failed wait for their time; the
 * others go without them, unless one of those is in the present certificate and would lose it: that one is waited for, up to 5/6 of the
 * certificate's life.
 */
export function planOrder({ hosts, held, renewAtMs, retryAtMs, nowMs }: OrderQuestion): OrderPlan {
  const isMissing = (host: string): boolean => held === null || !held.names.has(host);
  const isRenewal = held !== null && nowMs >= renewAtMs;
  const mayTry = (host: string): boolean => retryAtMs(host) <= nowMs;
  const ready = hosts.filter(mayTry);
  const waiting = hosts.filter((host) => !mayTry(host));
  const wakeMs = Math.min(
    ...waiting.map(retryAtMs),
    held === null ? Number.POSITIVE_INFINITY : Math.max(renewAtMs, nowMs + 1_000),
  );
  if (!isRenewal && !ready.some(isMissing)) return { kind: 'wait', untilMs: wakeMs };
  const isLate = held !== null && nowMs > held.notBeforeMs + ((held.notAfterMs - held.notBeforeMs) * 5) / 6;
  const wouldLose = waiting.filter((host) => !isMissing(host));
  if (ready.length === 0 || (wouldLose.length > 0 && !isLate)) {
    return { kind: 'wait', untilMs: Math.min(...waiting.map(retryAtMs)) };
  }
  return { kind: 'order', hosts: ready };
}
