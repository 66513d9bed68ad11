// Load by h2load: HTTP/2, several streams on each connection. It tells no percentiles.
import type { Load, LoadCount } from './load.ts';
import { runOnCore } from './processes.ts';

export interface H2loadSpec {
  /** Its host is what is asked for, by SNI too; the connections go to 127.0.0.1. */
  readonly url: string;
  readonly port: number;
  readonly connections: number;
  readonly streams: number;
  /** `name: value`. */
  readonly fields?: readonly string[];
  /** A file that each request sends, by POST. */
  readonly bodyPath?: string;
}

/** Reads what h2load prints in the end. Throws when a request failed, or was answered with anything but 2xx. */
export function parseH2load(what: string, output: string, seconds: number): LoadCount {
  const counts = /^requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout$/m.exec(output);
  const statuses = /^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx$/m.exec(output);
  if (counts === null || statuses === null) throw new Error(`${what} printed no result:\n${output}`);
  const [requests = 0, ...failures] = counts.slice(1).map(Number);
  const [, ...otherStatuses] = statuses.slice(1).map(Number);
  if (requests === 0 || [...failures, ...otherStatuses].some((count) => count > 0))
    throw new Error(`${what}: requests failed: ${counts[0]}; ${statuses[0]}`);
  return { requests, durationUs: seconds * 1e6, p50Us: Number.NaN, p99Us: Number.NaN };
}

export function h2load(spec: H2loadSpec): Load {
  const words = [
    '-t1',
    `-c${spec.connections}`,
    `-m${spec.streams}`,
    `--connect-to=127.0.0.1:${spec.port}`,
    ...(spec.fields ?? []).flatMap((field) => ['-H', field]),
    ...(spec.bodyPath === undefined ? [] : ['-d', spec.bodyPath]),
  ];
  return {
    async run(seconds, core) {
      const output = await runOnCore(core, 'h2load', [...words, `-D${seconds}`, spec.url]);
      return parseH2load(`h2load ${spec.url}`, output, seconds);
    },
  };
}
