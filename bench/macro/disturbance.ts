// Says when other work on the machine was in the way, so that nobody trusts figures that deserve none.
import type { BenchResults } from './results.ts';
import { spread } from './statistics.ts';

/** Parts of the proxy core's time. */
const foreignLimit = 0.05;
const stealLimit = 0.02;
const spreadLimit = 0.25;

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

/** One sentence for each sign; none: the machine was quiet. */
export function findDisturbances({ loads }: BenchResults): string[] {
  const signs: string[] = [];
  for (const { measure, samples } of loads) {
    for (const [variant, rounds] of samples) {
      const foreign = Math.max(...rounds.map(({ foreignShare }) => foreignShare));
      const steal = Math.max(...rounds.map(({ stealShare }) => stealShare));
      const apart = spread(rounds.map(({ cpuUsPerRequest }) => cpuUsPerRequest));
      if (foreign > foreignLimit)
        signs.push(
          `${measure}, ${variant}: other processes used up to ${percent(foreign)} of the proxy's core`,
        );
      if (steal > stealLimit)
        signs.push(`${measure}, ${variant}: the host took up to ${percent(steal)} of the core`);
      if (apart > spreadLimit) signs.push(`${measure}, ${variant}: its windows lie ${percent(apart)} apart`);
    }
  }
  return signs;
}
