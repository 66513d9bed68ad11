// `sallyport version`: the package's version, and the runtime's.
import { readFileSync } from 'node:fs';
import type { Command } from './command.ts';

/** From the package's own package.json, which lies above src/ and dist/ alike. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
}

export const versionCommand: Command = {
  help: () => 'Usage: sallyport version\n\nPrints the version of Sallyport and of its runtime.\n',
  run: async (_words, terminal) => {
    terminal.out(`sallyport ${readVersion()} (Node.js ${process.versions.node})\n`);
    return 0;
  },
};
