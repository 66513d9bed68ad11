// The commands of guides, with what the terminal showed: blocks that begin with "```console checked WORLD". README.md beside tells more.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../../docs/guides');
const blockPattern = /^```console checked (\S+)$/;
const promptPattern = /^\$ /;

export interface TypedStep {
  readonly guide: string;
  /** Of the command, from 1. */
  readonly line: number;
  /** As a shell takes it, over several lines maybe. */
  readonly command: string;
  readonly output: string;
}

interface OpenStep {
  readonly line: number;
  readonly command: string[];
  readonly output: string[];
}

/** Of one guide, in the order in which they stand there, those of one world. */
export function readSteps(guide: string, world: string): TypedStep[] {
  const steps: TypedStep[] = [];
  let open: OpenStep | null = null;
  let isInside = false;
  const end = (): void => {
    if (open === null) return;
    const { line, command, output } = open;
    steps.push({ guide, line, command: command.join('\n'), output: output.join('\n') });
    open = null;
  };
  for (const [index, text] of readFileSync(join(folder, guide), 'utf8').split('\n').entries()) {
    const opened = blockPattern.exec(text)?.[1];
    if (opened !== undefined) isInside = opened === world;
    else if (text === '```') {
      end();
      isInside = false;
    } else if (isInside && promptPattern.test(text)) {
      end();
      open = { line: index + 1, command: [text.slice(2)], output: [] };
    } else if (open !== null) {
      const isContinued = open.output.length === 0 && open.command.at(-1)?.endsWith('\\') === true;
      (isContinued ? open.command : open.output).push(text);
    }
  }
  return steps;
}

/** The guide with other outputs; `outputs` by the line of the command. */
export function writeOutputs(
  guide: string,
  steps: readonly TypedStep[],
  outputs: ReadonlyMap<number, string>,
): void {
  const lines = readFileSync(join(folder, guide), 'utf8').split('\n');
  for (const { line, command, output } of [...steps].reverse()) {
    const start = line - 1 + command.split('\n').length;
    const shown = outputs.get(line) ?? '';
    lines.splice(
      start,
      output === '' ? 0 : output.split('\n').length,
      ...(shown === '' ? [] : shown.split('\n')),
    );
  }
  writeFileSync(join(folder, guide), lines.join('\n'));
}
