// From the words of a command line to what was written for each flag, and from written texts to typed values.
// Flags look like those of Go programs: `--name value`, `--name=value`, switches also `--name=false` and `--no-name`.
import { parseArgs } from 'node:util';
import type { FlagSpec, FlagTable, FlagValues } from './flag-spec.ts';
import { renderSuggestion } from './suggest.ts';
import { parseFlagValue } from './values.ts';

/** The user asked for something that cannot be done as written; the message is complete, the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a user wrote for one flag, and where, for messages: `--http-port`, or `sallyport.yaml:3: http-port`. */
export interface WrittenFlag {
  readonly texts: readonly string[];
  readonly place: string;
}

export type WrittenFlags = ReadonlyMap<string, WrittenFlag>;

export interface CommandLine {
  readonly flags: WrittenFlags;
  readonly positionals: readonly string[];
  /** `-h` or `--help` was among the words. */
  readonly wantsHelp: boolean;
}

/**
 * Reads the words behind a command's name. Values are not parsed yet. `command` is what messages begin with, e.g. `sallyport up`.
 * @throws {UsageError} an unknown flag, a flag without its value.
 */
export function readCommandLine(command: string, table: FlagTable, words: readonly string[]): CommandLine {
  const flags = new Map<string, WrittenFlag>();
  const positionals: string[] = [];
  let wantsHelp = false;
  for (const token of tokenize(table, words)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.name === 'help') {
      wantsHelp = true;
      continue;
    }
    const { spec, isNegated } = lookupFlag(command, table, token.name, token.rawName);
    const name = isNegated ? token.name.slice('no-'.length) : token.name;
    const text = spec.type === 'switch' ? (token.value ?? String(!isNegated)) : token.value;
    if (text === undefined || (!token.inlineValue && text.startsWith('-') && text !== '-')) {
      throw new UsageError(`${command}: ${token.rawName}: a value is wanted`);
    }
    flags.set(name, { texts: [...(flags.get(name)?.texts ?? []), text], place: token.rawName });
  }
  return { flags, positionals, wantsHelp };
}

function tokenize(table: FlagTable, words: readonly string[]) {
  const options: Record<string, { type: 'boolean' | 'string'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
  };
  for (const [name, spec] of Object.entries(table)) {
    const type = spec.type === 'switch' ? 'boolean' : 'string';
    options[name] = spec.short === undefined ? { type } : { type, short: spec.short };
  }
  // Not strict: unknown flags and missing values get messages of our own.
  return parseArgs({ args: [...words], options, strict: false, tokens: true }).tokens;
}

function lookupFlag(command: string, table: FlagTable, name: string, rawName: string) {
  const spec = ownFlag(table, name);
  if (spec !== undefined) return { spec, isNegated: false };
  const negated = name.startsWith('no-') ? ownFlag(table, name.slice('no-'.length)) : undefined;
  if (negated?.type === 'switch') return { spec: negated, isNegated: true };
  const suggestion = rawName.startsWith('--') ? renderSuggestion(name, Object.keys(table), '--') : '';
  throw new UsageError(`${command}: unknown flag "${rawName}"${suggestion}`);
}

function ownFlag(table: FlagTable, name: string): FlagSpec | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/**
 * Typed values of every flag of the table: from the first layer that has the flag, else its default.
 * @throws {UsageError} names the place, the text and what was wanted.
 */
export function resolveFlags<Table extends FlagTable>(
  command: string,
  table: Table,
  layers: readonly WrittenFlags[],
): FlagValues<Table> {
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(table)) {
    const written = layers.map((layer) => layer.get(name)).find((flag) => flag !== undefined);
    values[name] = parseWritten(command, spec, written ?? { texts: [spec.default], place: `--${name}` });
  }
  return values as FlagValues<Table>;
}

function parseWritten(command: string, spec: FlagSpec, written: WrittenFlag): unknown {
  const parseOne = (text: string): unknown => {
    const parsed = parseFlagValue(spec, text);
    if ('value' in parsed) return parsed.value;
    throw new UsageError(`${command}: ${written.place} "${text}": ${parsed.wanted}`);
  };
  if (spec.type === 'texts') return written.texts.flatMap((text) => parseOne(text));
  // A network list may be written in one piece or in several; of anything else the last one counts, as usual.
  return parseOne(spec.type === 'networks' ? written.texts.join(',') : (written.texts.at(-1) ?? ''));
}
