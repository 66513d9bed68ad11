// The flags as text: for --help, and for docs/reference/flags.md.
import { flagSections } from './flag-spec.ts';
import type { FlagSpec, FlagTable } from './flag-spec.ts';
import { controllerFlagTable, ineffectiveFlags } from './controller-settings.ts';
import { flagTable } from './settings.ts';

const placeholders: Readonly<Record<FlagSpec['type'], string>> = {
  text: 'TEXT',
  texts: 'TEXT',
  count: 'N',
  'count-or-off': 'N',
  percent: 'PERCENT',
  'auto-count': 'N|auto',
  port: 'PORT',
  'auto-port': 'PORT|auto',
  duration: 'DURATION',
  size: 'SIZE',
  switch: '',
  choice: '',
  address: 'ADDR',
  networks: 'CIDR,…',
  names: 'NAME,…',
  'object-name': 'NS/NAME',
  'service-name': 'NS/NAME[:PORT]',
};

function placeholderOf(spec: FlagSpec): string {
  if (spec.type === 'choice') return spec.choices.join('|');
  return spec.placeholder ?? placeholders[spec.type];
}

/** `-f, --filename PATH` */
function renderUsage(name: string, spec: FlagSpec): string {
  return `${spec.short === undefined ? '' : `-${spec.short}, `}--${name} ${placeholderOf(spec)}`.trimEnd();
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}

/** The flags of a table for a terminal of 100 columns, by section; ends with a line break. */
export function renderFlagsHelp(table: FlagTable): string {
  const lines: string[] = [];
  for (const section of flagSections) {
    const flags = Object.entries(table).filter(([, spec]) => spec.section === section);
    if (flags.length === 0) continue;
    lines.push('', `${section}:`);
    for (const [name, spec] of flags) {
      const shownDefault = spec.defaultText ?? spec.default;
      const [first = '', ...rest] = wrap(`${spec.doc} (default: ${shownDefault})`, 58);
      const usage = `  ${spec.short === undefined ? '    ' : ''}${renderUsage(name, spec)}`;
      if (usage.length > 40) lines.push(usage, `${' '.repeat(42)}${first}`);
      else lines.push(`${usage.padEnd(42)}${first}`);
      lines.push(...rest.map((line) => ' '.repeat(42) + line));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** docs/reference/flags.md, whole. */
export function renderFlagsReference(): string {
  const example = [
    '# sallyport.yaml, for `sallyport up --config sallyport.yaml`',
    'filename: [examples]',
    'http-port: 80',
    'https-port: 443',
    'bind: 0.0.0.0',
    'shutdown-grace-period: 1m',
  ];
  const head = renderHead('up', 'src/config/settings.ts', example);
  return `${[...head, ...renderSections(flagTable)].join('\n')}\n`;
}

/** docs/reference/controller-flags.md, whole. */
export function renderControllerFlagsReference(): string {
  const example = [
    '# sallyport.yaml, for `sallyport controller --config sallyport.yaml`',
    'controller-class: k8s.io/ingress-nginx',
    'ingress-class: nginx',
    'publish-service: ingress/sallyport',
    'http-port: 8080',
    'https-port: 8443',
  ];
  const head = renderHead('controller', 'src/config/controller-settings.ts', example);
  const ignored = [
    '',
    '## Accepted without effect',
    '',
    'Flags of ingress-nginx that do nothing here, so that its charts and manifests start unchanged. A warning names each one that is given.',
    '',
    ...Object.keys(ineffectiveFlags).map((name) => `- \`--${name}\``),
  ];
  return `${[...head, ...renderSections(controllerFlagTable), ...ignored].join('\n')}\n`;
}

/** docs/reference/command-flags.md, whole: of the commands that serve nothing, each with its table. */
export function renderCommandFlagsReference(commands: ReadonlyMap<string, FlagTable>): string {
  const head = [
    '# Flags of the other commands',
    '',
    'This page is made from the tables in `src/cli/` by `npm run docs`; edit them there.',
    'Values are written as for [`sallyport up`](flags.md).',
  ];
  const parts = [...commands].flatMap(([command, table]) => [
    '',
    `## sallyport ${command}`,
    ...renderSections(table).map((line) => (line.startsWith('## ') ? `#${line}` : line)),
  ]);
  return `${[...head, ...parts].join('\n')}\n`;
}

function renderHead(command: string, source: string, example: readonly string[]): string[] {
  return [
    `# Flags of \`sallyport ${command}\``,
    '',
    `This page is made from \`${source}\` by \`npm run docs\`; edit the table there.`,
    '',
    'Every flag can also stand in a YAML file given with `--config`, under its name without the dashes; the command line wins.',
    'There are no environment variables: Kubernetes itself sets `SALLYPORT_HTTP_PORT` and the like in every pod beside a Service of that name.',
    '',
    '- DURATION: `500ms`, `30s`, `1m30s`, `1h`; a bare number is seconds.',
    '- SIZE: bytes, or `8k`, `1m`, `1g` (powers of 1024).',
    '- A switch is `--name`, `--name=true`, `--name=false` or `--no-name`.',
    '',
    '```yaml',
    ...example,
    '```',
  ];
}

function renderSections(table: FlagTable): string[] {
  const lines: string[] = [];
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  for (const section of flagSections) {
    const flags = Object.entries<FlagSpec>(table).filter(([, spec]) => spec.section === section);
    if (flags.length === 0) continue;
    lines.push('', `## ${section}`, '', '| Flag | Default | Meaning |', '|---|---|---|');
    for (const [name, spec] of flags) {
      const shownDefault = spec.defaultText ?? `\`${spec.default}\``;
      lines.push(`| \`${cell(renderUsage(name, spec))}\` | ${cell(shownDefault)} | ${cell(spec.doc)} |`);
    }
  }
  return lines;
}
