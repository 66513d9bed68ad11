// Which cores are used: the proxy has one for itself, load and backend share another.
import { readFileSync } from 'node:fs';

export interface Cores {
  readonly proxy: number;
  readonly load: number;
}

/** "0-2,5" → 0, 1, 2, 5 (the list format of cpuset(7)). */
export function parseCoreList(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** The first two cores that this process may use. Throws where there is only one. */
export function chooseCores(): Cores {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  const [proxy, load] = parseCoreList(list);
  if (proxy === undefined || load === undefined)
    throw new Error(`The benchmark needs two cores, this process may use "${list}"`);
  return { proxy, load };
}
