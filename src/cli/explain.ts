// `sallyport explain`: which rule takes a request, and why; what features do with it, who may come, which endpoints may get it. Decided on
// the objects alone, with the data plane's own parts (decide-request.ts), so that it says what `up` and `controller` would do.
import {
  type FlagTable,
  type FlagValues,
  readCommandLine,
  renderFlagsHelp,
  resolveFlags,
  UsageError,
  type WrittenFlags,
} from '../config/index.ts';
import { renderReport } from '../controller/index.ts';
import { clusterInputFlags, readCluster, wantsCluster } from './cluster-input.ts';
import type { Command, Terminal } from './command.ts';
import { type AskedRequest, decideRequest } from './decide-request.ts';
import { type AskedWords, parseRequest, requestOfLine } from './explain/asked-request.ts';
import { findLogged } from './explain/find-logged.ts';
import { askRunning } from './explain/ask-running.ts';
import { renderJson, renderText } from './explain/render.ts';
import { tell } from './explain/tell.ts';
import { assumeClass, flagsOfFrom, fromFlags } from './from-nginx.ts';
import { type ByteStream, manifestFlags, readManifests, translateObjects } from './manifest-input.ts';
import type { ListedRequest } from './request-list/index.ts';

const command = 'sallyport explain';

/** For the reference page, too. */
export const explainFlags = {
  ...manifestFlags,
  filename: {
    ...manifestFlags.filename,
    doc: 'Manifests to decide by: a file, a folder (its .yaml, .yml and .json files, recursively) or - for standard input. May be given several times.',
  },
  ...fromFlags,
  ...clusterInputFlags,
  admin: {
    type: 'text',
    section: 'Cluster',
    placeholder: 'URL',
    default: '',
    defaultText: 'none',
    doc: 'Ask a running instance, at the URL of its admin listener: it decides by the table that it serves.',
  },
  'admin-token-file': {
    type: 'text',
    section: 'Cluster',
    placeholder: 'FILE',
    default: '',
    defaultText: 'admin-token in the data folder that up has by default',
    doc: 'File with the token that --admin wants.',
  },
  method: {
    type: 'text',
    section: 'Request',
    short: 'X',
    placeholder: 'METHOD',
    default: 'GET',
    doc: 'Method of the request.',
  },
  header: {
    type: 'texts',
    section: 'Request',
    short: 'H',
    placeholder: 'FIELD',
    default: '',
    defaultText: 'none',
    doc: 'A field of the request, as "Name: value". Host decides the rule in place of the URL; Content-Length counts against limits; cookies and others count where a canary looks at them.',
  },
  'client-address': {
    type: 'text',
    section: 'Request',
    placeholder: 'ADDR',
    default: '',
    defaultText: 'not known',
    doc: 'Address that counts as that of the client: lists of addresses are decided by it.',
  },
  tls: {
    type: 'switch',
    section: 'Request',
    default: 'false',
    doc: 'The request comes by TLS, as one for an https URL does.',
  },
  'server-name': {
    type: 'text',
    section: 'Request',
    placeholder: 'NAME',
    default: '',
    defaultText: 'the host of the URL',
    doc: 'Name in the TLS handshake.',
  },
  'request-id': {
    type: 'text',
    section: 'Request',
    placeholder: 'ID',
    default: '',
    defaultText: 'none',
    doc: 'Ask about the request of this id in the access log, instead of a URL; with --admin about one of the last that the running instance has had. A log in the default format has no hosts: -H "Host: NAME" says it.',
  },
  'access-log': {
    type: 'text',
    section: 'Request',
    placeholder: 'PATH',
    default: '',
    defaultText: 'none',
    doc: 'The access log in which --request-id is looked for, of this program or of ingress-nginx; also compressed with gzip.',
  },
  output: {
    type: 'choice',
    section: 'Manifests',
    short: 'o',
    choices: ['text', 'json'],
    default: 'text',
    doc: 'Lines for people, or one JSON document.',
  },
} as const satisfies FlagTable;

/** Flags that say something beside --admin. */
const withAdmin: ReadonlySet<string> = new Set([
  'admin',
  'admin-token-file',
  'method',
  'header',
  'client-address',
  'tls',
  'server-name',
  'request-id',
  'output',
]);

type ExplainFlags = FlagValues<typeof explainFlags>;

function renderHelp(): string {
  return [
    'Usage: sallyport explain URL -f PATH [-f PATH …] [-X METHOD] [-H "Name: value"] [--client-address ADDR] [flags]',
    '       sallyport explain URL --kubeconfig PATH|--in-cluster [flags]',
    '       sallyport explain URL --admin http://127.0.0.1:10254 [--admin-token-file FILE] [flags]',
    '       sallyport explain --request-id ID --access-log PATH -f PATH [flags]',
    '       sallyport explain --request-id ID --admin http://127.0.0.1:10254 [flags]',
    '',
    'Prints what happens to a request: the host entry, every rule of it and why it lost or won, what features do and which annotations ask',
    'for it, who may come, the endpoints; for an error why it is one, and what to change.',
    'Exit code: 0 when decided (also when the answer is an error), 1 when no manifest can be read or no instance asked, 2 when used wrongly.',
    renderFlagsHelp(explainFlags),
  ].join('\n');
}

/** Runs the command; `stdin` is read only for `-f -`. */
export async function runExplain(
  words: readonly string[],
  terminal: Terminal,
  stdin: ByteStream,
): Promise<number> {
  const line = readCommandLine(command, explainFlags, words);
  const flags = resolveFlags(command, explainFlags, [line.flags, flagsOfFrom(line.flags)]);
  const [url, extra] = line.positionals;
  if (extra !== undefined) throw new UsageError(`${command}: unexpected word "${extra}" behind the URL`);
  if (flags.admin !== '') {
    refuseBesideAdmin(line.flags);
    return await askRunning(command, url, { ...flags, ...wordsOf(flags) }, terminal);
  }
  const question = await readQuestion(url, flags, terminal, stdin);
  if (question === null) return 1;
  const read = wantsCluster(flags)
    ? await readCluster(command, flags, terminal)
    : await readManifests(command, flags, terminal, stdin);
  if (read === null) return 1;
  const input = translateObjects(flags, flags.from === 'ingress-nginx' ? assumeClass(read, flags) : read);
  if (read.changes.length === 0 && input.reports.length > 0) {
    terminal.err(
      `${input.reports.map(renderReport).join('\n')}\n${command}: no object could be read from the manifests\n`,
    );
    return 1;
  }
  const known = { ...input, annotationsPrefix: flags['annotations-prefix'] };
  const { asked, logged } = question;
  const answer = tell(decideRequest(input.table, asked), known, { logged, served: null });
  terminal.out(flags.output === 'json' ? renderJson(answer) : renderText(answer));
  return 0;
}

interface Question {
  readonly asked: AskedRequest;
  readonly logged: ListedRequest | null;
}

function wordsOf(flags: ExplainFlags): AskedWords {
  return {
    method: flags.method,
    fields: flags.header,
    clientAddress: flags['client-address'],
    serverName: flags['server-name'],
    isTls: flags.tls,
  };
}

/** Whoever runs knows its objects and flags itself. @throws {UsageError} */
function refuseBesideAdmin(written: WrittenFlags): void {
  for (const name of written.keys()) {
    if (!withAdmin.has(name))
      throw new UsageError(
        `${command}: --admin and --${name} exclude each other: the running instance decides by what it serves`,
      );
  }
}

/** Null: the log has no such request, and `terminal` was told. */
async function readQuestion(
  url: string | undefined,
  flags: ExplainFlags,
  terminal: Terminal,
  stdin: ByteStream,
): Promise<Question | null> {
  const words = wordsOf(flags);
  const id = flags['request-id'];
  if ((id === '') !== (flags['access-log'] === ''))
    throw new UsageError(`${command}: --request-id and --access-log (or --admin) go together`);
  if (id === '') {
    if (url === undefined)
      throw new UsageError(
        `${command}: a URL is wanted, for example ${command} http://foo.bar.com/foo -f examples`,
      );
    return { asked: parseRequest(command, url, words), logged: null };
  }
  if (url !== undefined)
    throw new UsageError(`${command}: a URL and --request-id exclude each other; one of them is wanted`);
  const found = await findLogged(flags['access-log'], id, stdin);
  if (typeof found === 'string') {
    terminal.err(`${command}: ${found}\n`);
    return null;
  }
  const asked = requestOfLine(found, words, command);
  if (asked === null)
    throw new UsageError(
      `${command}: the log does not say the host of the request; -H "Host: NAME" is wanted`,
    );
  return { asked, logged: found };
}

export const explainCommand: Command = {
  help: renderHelp,
  run: (words, terminal) => runExplain(words, terminal, process.stdin),
};
