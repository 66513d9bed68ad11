// Says when other work on the machine was in the way, so that nobody trusts figures that deserve none.
import type { CoreShares } from './core-watch.ts';
import type { BenchResults } from './results.ts';
import { spread } from './statistics.ts';

/** Parts of the proxy core's time. */
const foreignLimit = 0.05;
const stealLimit = 0.02;
const spreadLimit = 0.25;

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

function findForeignWork(what: string, shares: readonly CoreShares[]): string[] {
  const foreign = Math.max(...shares.map(({ foreignShare }) => foreignShare));
  const steal = Math.max(...shares.map(({ stealShare }) => stealShare));
  const signs: string[] = [];
  if (foreign > foreignLimit)
    signs.push(`${what}: other processes used up to ${percent(foreign)} of the proxy's core`);
  if (steal > stealLimit) signs.push(`${what}: the host took up to ${percent(steal)} of the core`);
  return signs;
}

/** One sentence for each sign; none: the machine was quiet. */
export function findDisturbances({ loads, start, edits }: BenchResults): string[] {
  const signs: string[] = [];
  for (const { measure, samples } of loads) {
    for (const [variant, windows] of samples) {
      signs.push(...findForeignWork(`${measure}, ${variant}`, windows));
      const apart = spread(windows.map(({ cpuUsPerRequest }) => cpuUsPerRequest));
      if (apart > spreadLimit) signs.push(`${measure}, ${variant}: its windows lie ${percent(apart)} apart`);
    }
  }
  if (start !== null) signs.push(...findForeignWork('start', start.shares));
  for (const { ingresses, shares } of edits)
    signs.push(...findForeignWork(`edit among ${ingresses}`, [shares]));
  return signs;
}
