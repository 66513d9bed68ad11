// The command line of `node bench/convergence/run.ts`.
import { parseArgs } from 'node:util';
import { OptionError } from '../macro/options.ts';

/** `up`: API server, controller and proxy in one program. `controller`: the controller beside the API server of another process. */
export const settingNames = ['up', 'controller'] as const;
export type SettingName = (typeof settingNames)[number];

/** Everything that can be measured in a setting, in the order in which it is. */
export const measureNames = ['edit', 'endpoint', 'admission', 'load', 'start'] as const;
export type MeasureName = (typeof measureNames)[number];

export interface ConvergenceOptions {
  readonly settings: ReadonlySet<SettingName>;
  readonly measures: ReadonlySet<MeasureName>;
  /** Numbers of Ingresses, growing. */
  readonly sizes: readonly number[];
  /** Of each kind, at each size, alone and while other objects churn. */
  readonly edits: number;
  /** Changes while requests are counted. */
  readonly loadEdits: number;
  readonly startRounds: number;
  /** Wanted writes of other objects per second. */
  readonly churnPerSecond: number;
  /** Short and rough: shows that everything works, no more. */
  readonly isQuick: boolean;
  /** Leaves a CPU profile of every process of Sallyport in bench/results/profiles. */
  readonly isProfiled: boolean;
  /** Where the report goes, relative to the project; null: decided by what is measured. */
  readonly reportPath: string | null;
}

const defaultSizes: readonly number[] = [100, 1_000, 5_000, 10_000];
const quickSizes: readonly number[] = [50, 200];

export const help = `Usage: npm run bench:convergence -- [flags]

  --only NAME[,NAME]   only these settings (${settingNames.join(' ')}) and measures (${measureNames.join(' ')})
  --sizes N[,N]        numbers of Ingresses (${defaultSizes.join(',')})
  --edits N            changes of each kind at each size (200)
  --load-edits N       changes while requests are counted (1000)
  --churn N            writes of other objects per second (200)
  --quick              few Ingresses, few edits: does everything work?
  --profile            CPU profiles of Sallyport's processes into bench/results/profiles
  --report FILE        where the report goes (its section of docs/performance.md for a whole run, else bench/results/convergence.md)
`;

function parseCount(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new OptionError(`--${name} "${text}": a whole number above 0 is wanted`);
  return value;
}

function parseSizes(text: string | undefined, fallback: readonly number[]): readonly number[] {
  if (text === undefined) return fallback;
  const sizes = text.split(',').map((each) => parseCount('sizes', each, 0));
  return [...new Set(sizes)].toSorted((a, b) => a - b);
}

/** The names of one kind; all of them where none of that kind is given. */
function choose<Name extends string>(words: readonly string[], names: readonly Name[]): ReadonlySet<Name> {
  const chosen = names.filter((name) => words.includes(name));
  return new Set(chosen.length === 0 ? names : chosen);
}

function parseOnly(texts: readonly string[]): Pick<ConvergenceOptions, 'settings' | 'measures'> {
  const words = texts.flatMap((text) => text.split(','));
  const known: readonly string[] = [...settingNames, ...measureNames];
  for (const word of words) {
    if (!known.includes(word))
      throw new OptionError(`--only "${word}": one of ${known.join(', ')} is wanted`);
  }
  return { settings: choose(words, settingNames), measures: choose(words, measureNames) };
}

/** Null: help is wanted. Throws OptionError. */
export function parseOptions(words: readonly string[]): ConvergenceOptions | null {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: 'string', multiple: true },
      sizes: { type: 'string' },
      edits: { type: 'string' },
      'load-edits': { type: 'string' },
      churn: { type: 'string' },
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      report: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const { quick } = values;
  return {
    ...parseOnly(values.only ?? []),
    sizes: parseSizes(values.sizes, quick ? quickSizes : defaultSizes),
    edits: parseCount('edits', values.edits, quick ? 20 : 200),
    loadEdits: parseCount('load-edits', values['load-edits'], quick ? 60 : 1_000),
    startRounds: quick ? 1 : 3,
    churnPerSecond: parseCount('churn', values.churn, 200),
    isQuick: quick,
    isProfiled: values.profile,
    reportPath: values.report ?? null,
  };
}

/** Of a run with these options the figures may stand in the documentation. */
export function isWhole({
  settings,
  measures,
  sizes,
  edits,
  loadEdits,
  isQuick,
  isProfiled,
  churnPerSecond,
}: ConvergenceOptions): boolean {
  return (
    !isQuick &&
    !isProfiled &&
    settings.size === settingNames.length &&
    measures.size === measureNames.length &&
    defaultSizes.every((size) => sizes.includes(size)) &&
    edits >= 200 &&
    loadEdits >= 1_000 &&
    churnPerSecond >= 200
  );
}
