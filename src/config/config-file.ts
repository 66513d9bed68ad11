// The optional configuration file: YAML whose keys are the names of the flags. Checked whole, so that one message names every
// wrong key or value with its line; what it yields is the same kind of text as the command line's.
import { readFileSync } from 'node:fs';
import { LineCounter, isMap, isScalar, parseDocument } from 'yaml';
import { z } from 'zod';
import { UsageError } from './command-line.ts';
import type { WrittenFlag, WrittenFlags } from './command-line.ts';
import type { FlagSpec, FlagTable } from './flag-spec.ts';
import { renderSuggestion } from './suggest.ts';
import { parseFlagValue } from './values.ts';

/**
 * Reads the file's flags. Relative paths inside it are relative to the working folder, as on the command line.
 * @throws {UsageError} the file cannot be read, is not a YAML mapping, or holds unknown keys or wrong values.
 */
export function readConfigFile(command: string, table: FlagTable, path: string): WrittenFlags {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${command}: --config "${path}": a readable file is wanted (${String(error)})`);
  }
  return parseConfigText(command, table, path, text);
}

/** As `readConfigFile`, from the file's text. */
export function parseConfigText(command: string, table: FlagTable, path: string, text: string): WrittenFlags {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const lineOf = (offset: number): number => lineCounter.linePos(offset).line;
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    throw new UsageError(`${command}: ${path}:${lineOf(syntaxError.pos[0])}: ${syntaxError.message}`);
  }
  if (document.contents === null) return new Map();
  if (!isMap(document.contents)) {
    throw new UsageError(`${command}: ${path}: a mapping of flag names to values is wanted`);
  }
  const lines = new Map<string, number>();
  for (const { key } of document.contents.items) {
    if (isScalar(key)) lines.set(String(key.value), lineOf(key.range?.[0] ?? 0));
  }
  const place = (key: string): string => `${path}:${lines.get(key) ?? 1}: ${key}`;
  const checked = configSchema(table).safeParse(document.toJS());
  if (!checked.success) {
    const messages = checked.error.issues.flatMap((issue) => renderIssue(table, issue, place));
    throw new UsageError(messages.map((message) => `${command}: ${message}`).join('\n'));
  }
  const flags = new Map<string, WrittenFlag>();
  for (const [key, texts] of Object.entries(checked.data)) {
    if (texts !== undefined) flags.set(key, { texts, place: place(key) });
  }
  return flags;
}

function configSchema(table: FlagTable) {
  const shape: Record<string, z.ZodOptional<z.ZodType<readonly string[]>>> = {};
  for (const [name, spec] of Object.entries(table)) {
    // A file that names a file would need an order between them; there is one file.
    if (name !== 'config') shape[name] = flagSchema(spec).optional();
  }
  return z.strictObject(shape);
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);

function flagSchema(spec: FlagSpec): z.ZodType<readonly string[]> {
  const isList = spec.type === 'texts' || spec.type === 'networks';
  const written = isList
    ? z.union([scalar, z.array(scalar)], { error: 'a value or a list of values is wanted' })
    : z.union([scalar, z.never()], { error: 'a single value is wanted' });
  return written
    .transform((value) => [value].flat().map(String))
    .superRefine((texts, context) => {
      for (const text of texts) {
        const parsed = parseFlagValue(spec, text);
        if ('wanted' in parsed)
          context.addIssue({ code: 'custom', message: parsed.wanted, params: { text } });
      }
    });
}

function renderIssue(
  table: FlagTable,
  issue: z.core.$ZodIssue,
  place: (key: string) => string,
): readonly string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = Object.keys(table).filter((name) => name !== 'config');
      return `${place(key)}: unknown key${renderSuggestion(key, known)}`;
    });
  }
  const key = String(issue.path[0] ?? '');
  const text = issue.code === 'custom' ? (issue.params?.['text'] as string | undefined) : undefined;
  return [`${place(key)}${text === undefined ? '' : ` "${text}"`}: ${issue.message}`];
}
