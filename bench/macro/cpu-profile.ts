// Reads V8's .cpuprofile files: which functions the time went to.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

/** The parts of a .cpuprofile that are used. Times in microseconds. */
interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface HotFunction {
  /** As `name (file:line)`; `(program)` is the kernel and native code, `(garbage collector)` says itself. */
  readonly name: string;
  /** Part of the time that was not idle, 0 to 1, without what it calls. */
  readonly share: number;
}

const idle = '(idle)';

function describe({ callFrame }: ProfileNode, root: string): string {
  const { functionName, url, lineNumber } = callFrame;
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const file = url.replace(`file://${root}/`, '');
  return `${name} (${file}:${lineNumber + 1})`;
}

/** Functions by self time, the largest first. What came before `skipUs` is left out: the start is another matter. */
export function summariseProfile(
  profile: CpuProfile,
  root: string,
  skipUs: number,
  count: number,
): HotFunction[] {
  const names = new Map(profile.nodes.map((node) => [node.id, describe(node, root)]));
  const timeByName = new Map<string, number>();
  let busyUs = 0;
  let elapsedUs = 0;
  for (const [index, id] of profile.samples.entries()) {
    const name = names.get(id) ?? '(unknown)';
    const deltaUs = profile.timeDeltas[index] ?? 0;
    elapsedUs += deltaUs;
    if (name === idle || elapsedUs < skipUs) continue;
    busyUs += deltaUs;
    timeByName.set(name, (timeByName.get(name) ?? 0) + deltaUs);
  }
  return [...timeByName]
    .map(([name, timeUs]) => ({ name, share: timeUs / busyUs }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, count);
}

/** The profile that process `pid` left in a folder, or null. */
export function readProfile(folder: string, pid: number): CpuProfile | null {
  // CPU.<date>.<time>.<pid>.<thread>.<sequence>.cpuprofile
  const name = readdirSync(folder).find(
    (each) => each.split('.')[3] === String(pid) && each.endsWith('.cpuprofile'),
  );
  return name === undefined ? null : (JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile);
}
