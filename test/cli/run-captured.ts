// Runs a command by its function, without a process, and collects what it prints.
import { Readable } from 'node:stream';
import type { Terminal } from '../../src/cli/command.ts';
import type { ByteStream } from '../../src/cli/manifest-input.ts';

export interface Captured {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function runCaptured(
  command: (words: readonly string[], terminal: Terminal, stdin: ByteStream) => Promise<number>,
  words: readonly string[],
  stdin: string,
): Promise<Captured> {
  const printed = { out: '', err: '' };
  const terminal: Terminal = {
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
  };
  const code = await command(words, terminal, Readable.from([stdin]));
  return { code, ...printed };
}
