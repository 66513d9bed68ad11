// A child process of the tests: writes numbered lines of different lengths to its standard output through a LineSink, then
// tells on IPC what it dropped. Arguments: name, count of lines, and `once` to stop when the first flush has ended.
import { LineSink } from '../../src/observe/line-sink.ts';

const [name = '', count = '0'] = process.argv.slice(2);
const sink = new LineSink({ fd: 1, flushBytes: 8192, flushMs: 50 });
for (let index = 0; index < Number(count); index += 1) {
  const body = `${name} ${index} ${name.repeat((index * 37) % 900)}`;
  sink.append(`${body} ${body.length}\n`);
  if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
}
await sink.flush();
await sink.close();
process.send?.({ dropped: sink.dropped }, undefined, undefined, () => process.disconnect?.());
