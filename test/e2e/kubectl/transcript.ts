// Reads and writes transcripts: files to put into a folder, commands to type there, and what the terminal then shows. README.md tells
// the format.

export interface Output {
  /** The first kubectl (1.N) that says this. */
  readonly since: number;
  readonly text: string;
}

export interface Step {
  /** In the transcript, from 1. */
  readonly line: number;
  readonly command: string;
  /** The kubectls (1.N) that type it: from the first to before the second. */
  readonly from: number;
  readonly before: number;
  /** By ascending `since`; the first is for all kubectls. */
  readonly outputs: readonly Output[];
}

export interface Transcript {
  readonly files: ReadonlyMap<string, string>;
  readonly steps: readonly Step[];
  /** Lines before the first step: files and comments, as they stand. */
  readonly head: string;
}

const commandLine = /^\$(?:\[(?:>=1\.(\d+))?,?(?:<1\.(\d+))?\])? (.*)$/;
const sinceLine = /^\[>=1\.(\d+)\]$/;
const fileLine = /^-- (\S+) --$/;

export function parseTranscript(text: string): Transcript {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, index) => (commandLine.test(line) ? [index] : []));
  const head = lines.slice(0, starts[0]);
  const steps = starts.map((start, index) => parseStep(lines.slice(start, starts[index + 1]), start + 1));
  return { files: parseFiles(head), steps, head: head.join('\n') };
}

/** Every file runs from its `-- name --` to the next one, or to a line `--`. */
function parseFiles(lines: readonly string[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  let name: string | undefined;
  for (const line of lines) {
    const started = fileLine.exec(line)?.[1];
    if (started !== undefined || line === '--') name = started;
    if (started !== undefined) files.set(started, '');
    else if (name !== undefined) files.set(name, `${files.get(name) ?? ''}${line}\n`);
  }
  return files;
}

function parseStep(lines: readonly string[], line: number): Step {
  const [, from, before, command] = commandLine.exec(lines[0] ?? '') ?? [];
  if (command === undefined) throw new Error(`line ${line}: "${lines[0]}" is no command`);
  const blocks: { since: number; lines: string[] }[] = [{ since: 0, lines: [] }];
  for (const text of lines.slice(1)) {
    const since = sinceLine.exec(text)?.[1];
    if (since !== undefined) blocks.push({ since: Number(since), lines: [] });
    else blocks.at(-1)?.lines.push(text);
  }
  return {
    line,
    command,
    from: Number(from ?? 0),
    before: Number(before ?? Number.POSITIVE_INFINITY),
    outputs: blocks.map((block) => ({ since: block.since, text: block.lines.join('\n').trim() })),
  };
}

/** What a kubectl of version 1.`minor` has to show. */
export function lookupOutput(step: Step, minor: number): string {
  return step.outputs.findLast(({ since }) => since <= minor)?.text ?? '';
}

/** The step with other outputs, as text. */
export function renderStep(step: Step, outputs: readonly Output[]): string {
  const bounds = [
    step.from > 0 ? `>=1.${step.from}` : '',
    Number.isFinite(step.before) ? `<1.${step.before}` : '',
  ].filter((bound) => bound !== '');
  const blocks = outputs.map(({ since, text }) => {
    const body = text === '' ? '' : `${text}\n`;
    return since === 0 ? body : `[>=1.${since}]\n${body}`;
  });
  return `$${bounds.length > 0 ? `[${bounds.join(',')}]` : ''} ${step.command}\n${blocks.join('')}`;
}
