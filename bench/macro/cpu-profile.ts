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

/** Part of the time that was not idle, 0 to 1. */
export interface TimeShare {
  readonly name: string;
  readonly share: number;
}

export interface TimeShares {
  /** As `name (file:line)`, the largest first; time of what they call is not in it. */
  readonly functions: readonly TimeShare[];
  /** By folder of the sources, by package, and by what V8 and Node do themselves. */
  readonly origins: readonly TimeShare[];
}

const idle = '(idle)';

function pathOf(url: string, root: string): string {
  return url.replace(`file://${root}/`, '');
}

function describe({ callFrame }: ProfileNode, root: string): string {
  const { functionName, url, lineNumber } = callFrame;
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} (${pathOf(url, root)}:${lineNumber + 1})`;
}

/** `(program)` is the kernel and native code outside any function, `native code` is such code called from a function. */
function originOf({ callFrame }: ProfileNode, root: string): string {
  const { functionName, url } = callFrame;
  if (url === '') return functionName.startsWith('(') ? functionName : 'native code';
  if (url.startsWith('node:')) return 'Node.js, JavaScript';
  const [first = '', second = '', third = ''] = pathOf(url, root).split('/');
  if (first === 'node_modules') return second.startsWith('@') ? `${second}/${third}` : `package ${second}`;
  return `${first}/${second}`;
}

function rank(timeByName: ReadonlyMap<string, number>, busyUs: number, count: number): TimeShare[] {
  return [...timeByName]
    .map(([name, timeUs]) => ({ name, share: timeUs / busyUs }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, count);
}

/** Where the time went. What came before `skipUs` is left out: the start is another matter. At most `count` of each kind. */
export function summariseProfile(
  profile: CpuProfile,
  root: string,
  skipUs: number,
  count: number,
): TimeShares {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const byFunction = new Map<string, number>();
  const byOrigin = new Map<string, number>();
  const add = (map: Map<string, number>, name: string, us: number): void => {
    map.set(name, (map.get(name) ?? 0) + us);
  };
  let busyUs = 0;
  let elapsedUs = 0;
  for (const [index, id] of profile.samples.entries()) {
    const node = nodes.get(id);
    const deltaUs = profile.timeDeltas[index] ?? 0;
    elapsedUs += deltaUs;
    if (node === undefined || node.callFrame.functionName === idle || elapsedUs < skipUs) continue;
    busyUs += deltaUs;
    add(byFunction, describe(node, root), deltaUs);
    add(byOrigin, originOf(node, root), deltaUs);
  }
  return { functions: rank(byFunction, busyUs, count), origins: rank(byOrigin, busyUs, count) };
}

/** The profile that process `pid` left in a folder, or null. */
export function readProfile(folder: string, pid: number): CpuProfile | null {
  // CPU.<date>.<time>.<pid>.<thread>.<sequence>.cpuprofile
  const name = readdirSync(folder).find(
    (each) => each.split('.')[3] === String(pid) && each.endsWith('.cpuprofile'),
  );
  return name === undefined ? null : (JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile);
}
