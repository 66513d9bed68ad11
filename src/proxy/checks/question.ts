// Question: one way of asking an endpoint whether it is well. A verdict is told once; after `hangUp` nothing is.
import type { HealthCheck } from '../../model/index.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';

export interface Question {
  hangUp(): void;
}

/** What questions are asked with. */
export interface QuestionOptions {
  readonly endpoint: LiveEndpoint;
  readonly check: HealthCheck;
  /** Empty: all is well. */
  readonly tell: (reason: string) => void;
}

export const userAgent = 'sallyport-health-check';

/** Whom HTTP asks for. */
export function authorityOf({ endpoint, check }: QuestionOptions): string {
  return check.host === '' ? endpoint.label : check.host;
}

/** Empty: good. */
export function judgeStatus(status: number): string {
  return status >= 200 && status < 400 ? '' : `status ${status}`;
}
