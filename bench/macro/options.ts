// The command line of `node bench/run.ts`.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** Everything that can be measured, in the order in which it is. */
export const measureNames = [
  'plain',
  'tls',
  '16k',
  '1m',
  'http2',
  'http2-plain',
  'grpc',
  'websocket',
  'handshakes',
  'resumed',
  'handshakes12',
  'resumed12',
  'routes',
  'annotations',
  'start',
  'edit',
  'rss',
] as const;
export type MeasureName = (typeof measureNames)[number];

export interface BenchOptions {
  readonly only: ReadonlySet<MeasureName>;
  readonly rounds: number;
  readonly warmUpSeconds: number;
  readonly measureSeconds: number;
  /** Measured windows of each variant in a round; null: what the measure is used to. */
  readonly windows: number | null;
  readonly editsPerSize: number;
  readonly editSizes: readonly number[];
  /** Short and rough: the figures show that everything works, no more. */
  readonly isQuick: boolean;
  /** Profile Sallyport in every measure, not only where a bound is missed. */
  readonly profileAll: boolean;
  /** Another checkout of Sallyport that takes part in what compares proxies; an absolute path. */
  readonly beside: string | null;
  /** Sallyport without the other proxies. */
  readonly isAlone: boolean;
  /** Where the report goes, relative to the project; null: decided by what is measured. */
  readonly reportPath: string | null;
}

export const help = `Usage: npm run bench -- [flags]

  --only NAME[,NAME]   measure only these: ${measureNames.join(' ')}
  --rounds N           rounds of every measure (3)
  --windows N          measured windows of each proxy in a round (4, or 2 in some measures)
  --seconds N          length of a measured window (2)
  --warm-up N          seconds of load before it (3)
  --beside DIR         another checkout of Sallyport as one more proxy: is this one any slower?
  --alone              without nginx, HAProxy and Caddy
  --quick              one short round, few edits: does everything work?
  --profile            a CPU profile of Sallyport for every measure, not only for missed bounds
  --report FILE        where the report goes (docs/performance.md for a complete run, else bench/results/report.md)
`;

const usualWindows = 4;

/** `ofMeasure`: of a measure that has its own number. */
export function windowsOf({ windows }: BenchOptions, ofMeasure: number = usualWindows): number {
  return windows ?? ofMeasure;
}

export class OptionError extends Error {}

function parseCount<T>(name: string, text: string | undefined, fallback: T): number | T {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new OptionError(`--${name} "${text}": a whole number above 0 is wanted`);
  return value;
}

/** A checkout needs its packages installed. */
function parseCheckout(text: string | undefined): string | null {
  if (text === undefined) return null;
  const root = resolve(text);
  for (const wanted of ['bin/sallyport.js', 'node_modules']) {
    if (!existsSync(join(root, wanted)))
      throw new OptionError(`--beside "${text}": a checkout of Sallyport is wanted, ${wanted} is missing`);
  }
  return root;
}

function parseOnly(texts: readonly string[]): ReadonlySet<MeasureName> {
  const names = texts.flatMap((text) => text.split(','));
  if (names.length === 0) return new Set(measureNames);
  return new Set(
    names.map((name) => {
      const known = measureNames.find((each) => each === name);
      if (known === undefined)
        throw new OptionError(`--only "${name}": one of ${measureNames.join(', ')} is wanted`);
      return known;
    }),
  );
}

/** Null: help is wanted. Throws OptionError. */
export function parseOptions(words: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      windows: { type: 'string' },
      'warm-up': { type: 'string' },
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      beside: { type: 'string' },
      alone: { type: 'boolean', default: false },
      report: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const { quick } = values;
  return {
    only: parseOnly(values.only ?? []),
    rounds: parseCount('rounds', values.rounds, quick ? 1 : 3),
    measureSeconds: parseCount('seconds', values.seconds, 2),
    windows: parseCount('windows', values.windows, quick ? 1 : null),
    warmUpSeconds: parseCount('warm-up', values['warm-up'], quick ? 1 : 3),
    editsPerSize: quick ? 30 : 200,
    editSizes: [100, 1_000, 10_000],
    isQuick: quick,
    profileAll: values.profile,
    beside: parseCheckout(values.beside),
    isAlone: values.alone,
    reportPath: values.report ?? null,
  };
}
