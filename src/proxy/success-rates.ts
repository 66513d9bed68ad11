// SuccessRates: compares regularly which share of their answers the endpoints of one Service port gave well, and names those that are far
// below the others. Where everything fails nobody is: then it is the application, or what its clients ask for.
import { defaultUpstreamSettings, type OutlierSettings } from '../model/index.ts';
import type { Deadlines, Timed } from './deadlines.ts';
import type { LiveEndpoint } from './live-endpoint.ts';

/** Nearer to the mean than this is never far: where all are nearly perfect, deviations are tiny. */
const minGap = 0.05;

export interface Outlier {
  readonly endpoint: LiveEndpoint;
  /** Shares of good answers: its own, and the mean of all that were compared. */
  readonly share: number;
  readonly meanShare: number;
}

export class SuccessRates implements Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly #deadlines: Deadlines;
  readonly #endpoints: () => readonly LiveEndpoint[];
  readonly #onOutlier: (outlier: Outlier, nowMs: number) => void;
  #settings: OutlierSettings = defaultUpstreamSettings.outliers;

  /** `endpoints`: those that might get requests now. `onOutlier`: called for the worst first. */
  constructor(
    deadlines: Deadlines,
    endpoints: () => readonly LiveEndpoint[],
    onOutlier: (outlier: Outlier, nowMs: number) => void,
  ) {
    this.#deadlines = deadlines;
    this.#endpoints = endpoints;
    this.#onOutlier = onOutlier;
  }

  configure(settings: OutlierSettings): void {
    const { isOn, intervalMs } = this.#settings;
    this.#settings = settings;
    if (settings.isOn === isOn && settings.intervalMs === intervalMs) return;
    this.close();
    if (!settings.isOn) return;
    this.deadlineMs = this.#deadlines.nowMs + settings.intervalMs;
    this.#deadlines.add(this);
  }

  close(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#deadlines.remove(this);
  }

  onDeadline(nowMs: number): void {
    const settings = this.#settings;
    this.deadlineMs = nowMs + settings.intervalMs;
    const endpoints = this.#endpoints();
    const outliers = findOutliers(endpoints, settings);
    for (const { meter } of endpoints) {
      if (meter === null) continue;
      meter.good = 0;
      meter.bad = 0;
    }
    for (const outlier of outliers) this.#onOutlier(outlier, nowMs);
  }
}

/** The worst first. */
export function findOutliers(
  endpoints: readonly LiveEndpoint[],
  { minEndpoints, minRequests, deviations }: OutlierSettings,
): readonly Outlier[] {
  const compared = endpoints.flatMap((endpoint) => {
    const { good, bad } = endpoint.meter ?? { good: 0, bad: 0 };
    return good + bad < minRequests ? [] : [{ endpoint, share: good / (good + bad) }];
  });
  if (compared.length < minEndpoints) return [];
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanShare = mean(compared.map(({ share }) => share));
  const deviation = Math.sqrt(mean(compared.map(({ share }) => (share - meanShare) ** 2)));
  const bound = meanShare - Math.max(deviation * deviations, minGap);
  return compared
    .filter(({ share }) => share < bound)
    .sort((a, b) => a.share - b.share)
    .map((each) => ({ ...each, meanShare }));
}
