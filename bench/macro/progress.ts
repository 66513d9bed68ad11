// What the run tells while it works: one line per step, and on a terminal a line that is overwritten.
const isTerminal = process.stdout.isTTY;
let stepCount = 0;
let stepsDone = 0;
const startedMs = performance.now();

function elapsed(): string {
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** How many steps the whole run has. */
export function planSteps(count: number): void {
  stepCount = count;
}

/** A step begins. */
export function beginStep(text: string): void {
  stepsDone += 1;
  const line = `[${stepsDone}/${stepCount} ${elapsed()}] ${text}`;
  process.stdout.write(isTerminal ? `\r\u001B[K${line}` : `${line}\n`);
}

/** A line that stays. */
export function say(text: string): void {
  process.stdout.write(isTerminal ? `\r\u001B[K${text}\n` : `${text}\n`);
}
