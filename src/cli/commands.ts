// The command table, and the way from the words of a command line to a command.
import { UsageError, renderSuggestion } from '../config/index.ts';
import type { CommandEntry, Terminal } from './command.ts';
import { readVersion } from './version.ts';

export const commandTable: readonly CommandEntry[] = [
  {
    name: 'up',
    summary:
      'Serve the traffic of Ingresses on this machine, with an API server for kubectl and manifest files',
    load: async () => (await import('./up.ts')).upCommand,
  },
  {
    name: 'controller',
    summary: 'Serve the traffic of the Ingresses of a cluster',
    load: async () => (await import('./controller-command.ts')).controllerCommand,
  },
  {
    name: 'check',
    summary: 'Check manifests and print what is wrong with them',
    load: async () => (await import('./check.ts')).checkCommand,
  },
  {
    name: 'explain',
    summary: 'Print which rule takes a request, and why',
    load: async () => (await import('./explain.ts')).explainCommand,
  },
  {
    name: 'compare',
    summary: 'Print which requests of a log would be answered otherwise',
    load: async () => (await import('./compare.ts')).compareCommand,
  },
  {
    name: 'compare-live',
    summary: 'Send requests to two running proxies and print where answers differ (also: compare --live)',
    load: async () => (await import('./compare-live.ts')).compareLiveCommand,
  },
  {
    name: 'completion',
    summary: 'Print the completion script of a shell',
    load: async () => (await import('./completion.ts')).completionCommand,
  },
  {
    name: 'version',
    summary: 'Print the version',
    load: async () => (await import('./version.ts')).versionCommand,
  },
  {
    name: 'help',
    summary: 'Print this, or the help of a command',
    load: async () => helpCommand,
  },
];

/** Runs what the words say; resolves to the exit code. Usage errors are printed here, all others pass through. */
export async function runCommandLine(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(words, terminal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`${error.message}\n`);
    return 2;
  }
}

async function dispatch(words: readonly string[], terminal: Terminal): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined) {
    terminal.err(renderOverview());
    return 2;
  }
  if (first === '--version' || first === '-V') return await runNamed('version', rest, terminal);
  if (first === '--help' || first === '-h') return await runNamed('help', rest, terminal);
  if (first === 'compare' && rest.includes('--live'))
    return await runNamed(
      'compare-live',
      rest.filter((word) => word !== '--live'),
      terminal,
    );
  return await runNamed(first, rest, terminal);
}

async function runNamed(name: string, words: readonly string[], terminal: Terminal): Promise<number> {
  const command = await lookupCommand(name).load();
  if (words.includes('--help') || words.includes('-h')) {
    terminal.out(command.help());
    return 0;
  }
  return await command.run(words, terminal);
}

function lookupCommand(name: string): CommandEntry {
  const entry = commandTable.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  const kind = name.startsWith('-') ? 'flag' : 'command';
  const suggestion = renderSuggestion(
    name,
    commandTable.map((candidate) => candidate.name),
  );
  throw new UsageError(
    `sallyport: unknown ${kind} "${name}"${suggestion}; "sallyport help" lists the commands`,
  );
}

const helpCommand = {
  help: renderOverview,
  run: async (words: readonly string[], terminal: Terminal): Promise<number> => {
    const [name] = words;
    const text = name === undefined ? renderOverview() : (await lookupCommand(name).load()).help();
    terminal.out(text);
    return 0;
  },
};

/** `sallyport help` */
export function renderOverview(): string {
  const width = Math.max(...commandTable.map(({ name }) => name.length));
  return [
    `sallyport ${readVersion()}: a Kubernetes Ingress system: the API, the controller and the load balancer`,
    '',
    'Usage: sallyport COMMAND [flags]',
    '',
    'Commands:',
    ...commandTable.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Try: sallyport up',
    '     sallyport up -f examples',
    '     sallyport help up',
    '',
  ].join('\n');
}
