// What a flag is: one row of the table that feeds parsing, help text, the reference page and the configuration file.
// The type of a row decides the type of its parsed value, so that reading a flag by name is checked by the compiler.
import type { ObjectKey } from '../model/index.ts';

/** `NAMESPACE/NAME` with an optional `:PORT` (number or name); `port` is null when none was written. */
export interface ServiceName {
  readonly service: ObjectKey;
  readonly port: string | null;
}

/**
 * Parsed value by flag type. Durations are milliseconds, sizes bytes.
 * `auto…` types: null stands for `auto`; an empty text stands for "none" where a type holds null.
 */
export interface FlagValueTypes {
  readonly text: string;
  readonly texts: readonly string[];
  readonly count: number;
  /** A count, or 0 for off. */
  readonly 'count-or-off': number;
  readonly percent: number;
  readonly 'auto-count': number | null;
  readonly port: number;
  readonly 'auto-port': number | null;
  readonly duration: number;
  readonly size: number;
  readonly switch: boolean;
  readonly choice: string;
  readonly address: string;
  readonly networks: readonly string[];
  /** IP addresses and host names. */
  readonly names: readonly string[];
  readonly 'object-name': ObjectKey | null;
  readonly 'service-name': ServiceName | null;
}

export type FlagType = keyof FlagValueTypes;

export const flagSections = [
  'Manifests',
  'Request',
  'Objects',
  'Cluster',
  'API server',
  'Status',
  'Leader election',
  'Validating webhook',
  'Automatic certificates',
  'Listeners',
  'Process',
  'Forwarded headers',
  'Logs',
  'Limits',
  'HTTP/2',
  'Time-outs',
  'Upstream connections',
  'TCP and UDP',
  'Accepted without effect',
] as const;

export type FlagSection = (typeof flagSections)[number];

interface FlagSpecOf<Type extends FlagType> {
  readonly type: Type;
  readonly section: FlagSection;
  /** Read by the same parser as what a user writes; for `texts` and `networks` the members, joined by commas. */
  readonly default: string;
  /** Shown instead of `default` where that one is empty or worked out at start. */
  readonly defaultText?: string;
  /** One letter. */
  readonly short?: string;
  /** Stands for the value in help text, e.g. `PATH`; absent: the type's own word. */
  readonly placeholder?: string;
  readonly doc: string;
}

interface ChoiceSpec extends FlagSpecOf<'choice'> {
  readonly choices: readonly string[];
}

interface DurationSpec extends FlagSpecOf<'duration'> {
  /** True where 0 has a meaning; elsewhere a time-out of 0 would end everything at once and is refused. */
  readonly allowsZero?: boolean;
}

type PlainType = Exclude<FlagType, 'choice' | 'duration'>;

export type FlagSpec = { [Type in PlainType]: FlagSpecOf<Type> }[PlainType] | ChoiceSpec | DurationSpec;

/** Flags by name, without the dashes. */
export type FlagTable = Readonly<Record<string, FlagSpec>>;

type ValueOf<Spec extends FlagSpec> = Spec extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : FlagValueTypes[Spec['type']];

/** The parsed values of a table, by flag name. */
export type FlagValues<Table extends FlagTable> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> };
