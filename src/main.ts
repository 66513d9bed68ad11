// The program's entry: words in, exit code out. Everything else is a command (cli/).
import type { Terminal } from './cli/command.ts';
import { runCommandLine } from './cli/commands.ts';

const terminal: Terminal = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  // NO_COLOR (no-color.org): set to anything, no colours are wanted.
  hasColors: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
};

/** Runs `sallyport` with the words behind its name, and sets the process's exit code. Called by bin/sallyport.js. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough (`sallyport explain … | head`) is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  process.exitCode = await runCommandLine(argv, terminal);
}
