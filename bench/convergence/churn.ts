// Runs an action while other objects are written all the time.
import { join } from 'node:path';
import type { ChurnInput, ChurnResult, ChurnTypes } from './churn-process.ts';
import { startCompanion } from './companion.ts';

export interface Churned<T> {
  readonly value: T;
  /** What was really written. */
  readonly perSecond: number;
}

/** Rejects when a write failed: what was measured meanwhile would mean nothing. */
export async function whileChurning<T>(
  core: number,
  input: ChurnInput,
  action: () => Promise<T>,
): Promise<Churned<T>> {
  const path = join(import.meta.dirname, 'churn-process.ts');
  const churn = await startCompanion<ChurnTypes>(core, path, input);
  let result: ChurnResult | null = null;
  try {
    const value = await action();
    result = await churn.stop();
    if (result.failure !== null) throw new Error(`A write of the churn failed: ${result.failure}`);
    return { value, perSecond: result.written / result.seconds };
  } finally {
    if (result === null) await churn.stop().catch(() => undefined);
  }
}
