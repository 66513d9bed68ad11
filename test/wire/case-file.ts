// Wire cases: Markdown documents in which a heading names a case, a fenced `http` block is its input and a fenced `log` block what must
// come of it. Line ends of the input block do not count; `\r \n \t \xNN \\` do, and `\*12(ab)` stands for `ab` twelve times.
// A comment `<!-- key: value, key: value -->` under the heading sets options (see replay.ts).
import { readFileSync } from 'node:fs';

export interface WireCase {
  readonly file: string;
  readonly name: string;
  readonly input: Buffer;
  /** Expected events, one a line. */
  readonly log: string;
  readonly options: ReadonlyMap<string, string>;
}

/** All cases of a file. Throws when a case has no input or no log, or a name comes twice. */
export function readCases(path: string): WireCase[] {
  const text = readFileSync(path, 'utf8');
  const fileOptions = parseOptions(text.split(/^## /m, 1)[0] ?? '');
  const cases = text
    .split(/^## /m)
    .slice(1)
    .map((section) => parseCase(path, section, fileOptions));
  const names = new Set(cases.map((each) => each.name));
  if (names.size !== cases.length) throw new Error(`reading ${path}: two cases have the same name`);
  return cases;
}

function parseCase(file: string, section: string, fileOptions: ReadonlyMap<string, string>): WireCase {
  const name = section.split('\n', 1)[0]?.trim() ?? '';
  const input = fencedBlock(section, 'http');
  const log = fencedBlock(section, 'log');
  if (input === null || log === null) throw new Error(`reading ${file}: case "${name}" lacks a block`);
  return {
    file,
    name,
    input: decodeInput(input),
    log,
    options: new Map([...fileOptions, ...parseOptions(section)]),
  };
}

function fencedBlock(section: string, language: string): string | null {
  const match = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(section);
  return match === null ? null : (match[1] ?? '').replace(/\n$/, '');
}

function parseOptions(text: string): Map<string, string> {
  const match = /^<!-- (.*) -->$/m.exec(text);
  const options = new Map<string, string>();
  for (const pair of match?.[1]?.split(', ') ?? []) {
    const [key = '', value = ''] = pair.split(': ');
    options.set(key, value);
  }
  return options;
}

/** The bytes that an input block stands for. */
export function decodeInput(block: string): Buffer {
  const text = block
    .replaceAll('\n', '')
    .replace(/\\\*(\d+)\(([^)]*)\)/g, (_, count: string, part: string) => part.repeat(Number(count)))
    .replace(/\\(?:x([0-9a-fA-F]{2})|([rnt\\]))/g, (_, hex: string | undefined, letter: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return { r: '\r', n: '\n', t: '\t' }[letter] ?? '\\';
    });
  return Buffer.from(text, 'latin1');
}

/** Text with everything that is not printable ASCII as the escapes of input blocks. */
export function escapeText(text: string): string {
  return text.replace(/[^ -~]|\\/g, (char) => {
    const short = { '\r': '\\r', '\n': '\\n', '\t': '\\t', '\\': '\\\\' }[char];
    return short ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
