// Load by wrk: HTTP/1.1 on connections that stay.
import { join } from 'node:path';
import type { Load, LoadCount } from './load.ts';
import { runOnCore } from './processes.ts';
import { readResultLine } from './result-line.ts';

export interface WrkSpec {
  readonly url: string;
  readonly connections: number;
  readonly host: string | null;
  /** `Name: value`, besides Host. */
  readonly fields?: readonly string[];
  /** Words for wrk/spread.lua; null: the same request always. */
  readonly spread: readonly string[] | null;
}

/** What wrk prints through wrk/report.lua. */
interface WrkResult extends LoadCount {
  readonly refused: number;
  readonly broken: number;
  readonly timeouts: number;
  readonly badStatus: number;
}

const scripts = join(import.meta.dirname, 'wrk');

/** Throws when a request failed. */
async function runWrk(spec: WrkSpec, seconds: number, core: number): Promise<LoadCount> {
  const script = join(scripts, spec.spread === null ? 'report.lua' : 'spread.lua');
  const words = ['-t1', `-c${spec.connections}`, `-d${seconds}s`, '-s', script];
  if (spec.host !== null) words.push('-H', `Host: ${spec.host}`);
  for (const field of spec.fields ?? []) words.push('-H', field);
  words.push(spec.url, ...(spec.spread === null ? [] : ['--', ...spec.spread]));
  const result = readResultLine(`wrk ${spec.url}`, await runOnCore(core, 'wrk', words)) as WrkResult;
  const failed = result.refused + result.broken + result.timeouts + result.badStatus;
  if (failed > 0 || result.requests === 0)
    throw new Error(`wrk ${spec.url}: requests failed: ${JSON.stringify(result)}`);
  return result;
}

export function wrkLoad(spec: WrkSpec): Load {
  return { run: (seconds, core) => runWrk(spec, seconds, core) };
}
