// `node bench/micro/run.ts [BATCHES]`: nanoseconds of what the hot path does for a request apart from sockets.
import { makeCases } from './cases.ts';
import { measureCases } from './measure.ts';

const batches = Number(process.argv[2] ?? 9);
if (!Number.isInteger(batches) || batches < 1) {
  process.stderr.write(`BATCHES "${process.argv[2]}": a whole number above 0 is wanted\n`);
  process.exit(2);
}

const results = measureCases(makeCases(), batches);
const width = Math.max(...results.map(({ name }) => name.length));
console.log(`${''.padEnd(width + 10)}${'median'.padStart(9)}${'least'.padStart(9)}${'most'.padStart(9)}  ns`);
for (const { group, name, nanoseconds, least, most } of results) {
  const figures = [nanoseconds, least, most].map((value) => value.toFixed(value < 10 ? 2 : 0).padStart(9));
  console.log(`${group.padEnd(10)}${name.padEnd(width)}${figures.join('')}`);
}
