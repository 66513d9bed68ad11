// Waits for what comes to pass in other processes: asked again and again, with a deadline that names what was missing.
import { setTimeout as pause } from 'node:timers/promises';

/** Between two looks: other processes need the two processors for what is waited for. */
const lookMs = 20;

/** Resolves with the first value that is neither false nor undefined; what `look` throws counts as "not yet". */
export async function waitFor<Value>(
  what: string,
  look: () => Promise<Value | false | undefined> | Value | false | undefined,
  deadlineMs = 20_000,
): Promise<Value> {
  const untilMs = performance.now() + deadlineMs;
  let reason = 'it is not so';
  while (performance.now() < untilMs) {
    try {
      const value = await look();
      if (value !== false && value !== undefined) return value;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    await pause(lookMs);
  }
  throw new Error(`after ${deadlineMs} ms there is still wanted: ${what} (${reason})`);
}
