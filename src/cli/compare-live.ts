// `sallyport compare --live OLD NEW`: sends the safe requests of a log to two running proxies and says where their answers differ.
import {
  type FlagTable,
  type FlagValues,
  readCommandLine,
  renderFlagsHelp,
  resolveFlags,
  UsageError,
} from '../config/index.ts';
import { escapeUnprintable, escapeUnprintableJson } from '../std/printable.ts';
import { normalizeHost } from '../wire/http1/host.ts';
import type { Command, Terminal } from './command.ts';
import { Differences } from './compare-live/differences.ts';
import { LiveEndpoint } from './compare-live/live-endpoint.ts';
import { type ComparisonCounts, runComparison } from './compare-live/run-comparison.ts';
import type { ByteStream } from './manifest-input.ts';
import { Progress } from './progress.ts';
import {
  newTally,
  openRequestFile,
  readRequests,
  renderTally,
  RequestFileError,
  type RequestTally,
} from './request-list/index.ts';

const command = 'sallyport compare --live';

/** For the reference page, too. */
export const liveFlags = {
  requests: {
    type: 'text',
    section: 'Request',
    short: 'r',
    placeholder: 'FILE',
    default: '',
    defaultText: 'none',
    doc: 'Requests to send: an access log of ingress-nginx or of this program, JSON lines, or a list of URLs; also compressed with gzip; - for standard input. Only GET and HEAD are sent.',
  },
  host: {
    type: 'text',
    section: 'Request',
    placeholder: 'NAME',
    default: '',
    defaultText: 'that of NEW',
    doc: 'Host of the requests that name none, as those of the default format of ingress-nginx.',
  },
  header: {
    type: 'texts',
    section: 'Request',
    short: 'H',
    placeholder: 'FIELD',
    default: '',
    defaultText: 'none',
    doc: 'A further field of every request, as "Name: value".',
  },
  field: {
    type: 'texts',
    section: 'Request',
    placeholder: 'NAME',
    default: 'content-type,location',
    doc: 'A field of the answers that is compared. May be given several times.',
  },
  body: {
    type: 'switch',
    section: 'Request',
    default: 'true',
    doc: 'Compare the bodies, by a fingerprint.',
  },
  concurrency: {
    type: 'count',
    section: 'Request',
    default: '8',
    doc: 'Requests under way at once, to each side.',
  },
  rate: {
    type: 'count-or-off',
    section: 'Request',
    default: '100',
    doc: 'Requests a second, to each side, at most; 0: as fast as they are answered.',
  },
  'max-requests': {
    type: 'count-or-off',
    section: 'Request',
    default: '0',
    doc: 'Stop after so many; 0: all are sent.',
  },
  timeout: { type: 'duration', section: 'Request', default: '30s', doc: 'For one answer, with its body.' },
  'max-body': { type: 'size', section: 'Request', default: '16m', doc: 'Largest body that is read.' },
  samples: {
    type: 'count',
    section: 'Request',
    default: '3',
    doc: 'Requests to show of each kind of difference.',
  },
  insecure: {
    type: 'switch',
    section: 'Request',
    short: 'k',
    default: 'false',
    doc: 'Take every certificate. Without it, it must be valid for the host of the request.',
  },
  output: {
    type: 'choice',
    section: 'Request',
    short: 'o',
    choices: ['text', 'json'],
    default: 'text',
    doc: 'Lines for people, or one JSON document.',
  },
} as const satisfies FlagTable;

type LiveFlags = FlagValues<typeof liveFlags>;

function renderHelp(): string {
  return [
    'Usage: sallyport compare --live OLD NEW --requests FILE [flags]',
    '',
    'Sends the GET and HEAD requests of a log to two running proxies and compares status, fields and bodies of the answers.',
    'OLD and NEW say where to connect, for example http://10.0.0.5 and https://127.0.0.1:8443; the Host (and the name in the',
    'handshake) is that of each request. Redirects are compared, not followed.',
    'Exit code: 0 when all answers are the same, 1 when some differ or the file cannot be read, 2 when used wrongly.',
    renderFlagsHelp(liveFlags),
  ].join('\n');
}

/** `showProgress`: null where nobody watches. */
export async function runCompareLive(
  words: readonly string[],
  terminal: Terminal,
  stdin: ByteStream,
  showProgress: ((text: string) => void) | null = null,
): Promise<number> {
  const line = readCommandLine(command, liveFlags, words);
  const flags = resolveFlags(command, liveFlags, [line.flags]);
  const [oldUrl, newUrl] = readEndpoints(line.positionals);
  if (flags.requests === '') throw new UsageError(`${command}: --requests FILE is wanted`);
  const host = flags.host === '' ? newUrl.host : flags.host;
  if (normalizeHost(host) === null)
    throw new UsageError(`${command}: --host "${host}": a host name is wanted`);
  const fields = readFields(flags.header);
  const [before, after] = [oldUrl, newUrl].map((url) => makeEndpoint(url, flags, fields));
  if (before === undefined || after === undefined) return 2;
  const differences = new Differences(flags.samples);
  const tally = newTally();
  const progress = new Progress(showProgress, Date.now);
  try {
    const file = openRequestFile(flags.requests, stdin);
    const counts = await runComparison({
      batches: readRequests(file.bytes, tally),
      before,
      after,
      differences,
      defaultHost: host,
      concurrency: flags.concurrency,
      perSecond: flags.rate,
      maxRequests: flags['max-requests'],
      onProgress: (sent) => progress.tell(file, sent, differences.different),
    });
    progress.clear();
    terminal.out((flags.output === 'json' ? renderJson : renderText)(differences, counts, tally));
    if (counts.sent === 0) terminal.err(`${command}: no request of "${flags.requests}" could be sent\n`);
    return differences.different > 0 || counts.sent === 0 ? 1 : 0;
  } catch (error) {
    progress.clear();
    if (!(error instanceof RequestFileError)) throw error;
    terminal.err(`${command}: ${error.message}\n`);
    return 1;
  } finally {
    before.close();
    after.close();
  }
}

function readEndpoints(words: readonly string[]): readonly [URL, URL] {
  const [before, after, extra] = words;
  if (before === undefined || after === undefined)
    throw new UsageError(
      `${command}: two URLs are wanted, OLD and NEW, for example http://10.0.0.5 http://127.0.0.1:8080`,
    );
  if (extra !== undefined) throw new UsageError(`${command}: unexpected word "${extra}" behind the URLs`);
  return [readUrl(before), readUrl(after)];
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.pathname === '/' &&
    url.search === '' &&
    url.username === '';
  if (!isPlain)
    throw new UsageError(
      `${command}: "${text}": a URL without a path is wanted, for example http://10.0.0.5:8080`,
    );
  return url;
}

function readFields(texts: readonly string[]): readonly (readonly [string, string])[] {
  return texts.map((text) => {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(text) ?? [];
    if (
      name === undefined ||
      ['host', 'connection', 'content-length', 'transfer-encoding'].includes(name.toLowerCase())
    )
      throw new UsageError(
        `${command}: -H "${text}": a field such as "Accept: text/html" is wanted; --host says the Host`,
      );
    return [name, value] as const;
  });
}

function makeEndpoint(
  url: URL,
  flags: LiveFlags,
  fields: readonly (readonly [string, string])[],
): LiveEndpoint {
  return new LiveEndpoint({
    url,
    maxConnections: flags.concurrency,
    timeoutMs: flags.timeout,
    maxBodyBytes: flags['max-body'],
    comparedFields: flags.field.flatMap((text) => text.split(',')).map((name) => name.trim().toLowerCase()),
    comparesBody: flags.body,
    fields,
    verifiesCertificate: !flags.insecure,
  });
}

function renderText(differences: Differences, counts: ComparisonCounts, tally: RequestTally): string {
  const lines: string[] = [];
  for (const { kind, count, samples } of differences.groups()) {
    lines.push(`${kind}: ${countRequests(count)}`);
    for (const { line, method, host, target, old, new: now } of samples) {
      const isTold = kind.startsWith('status ') || kind.startsWith('not compared');
      const values = isTold ? '' : `: ${JSON.stringify(old)} → ${JSON.stringify(now)}`;
      lines.push(`  line ${line}: ${method} ${host}${target}${values}`);
    }
  }
  if (differences.dropped > 0)
    lines.push(`further differences, of kinds that are not listed: ${differences.dropped}`);
  if (lines.length > 0) lines.push('');
  const unsafe = counts.unsafe === 0 ? '' : `, ${counts.unsafe} not sent (neither GET nor HEAD)`;
  lines.push(
    `${countRequests(counts.sent)}: ${differences.same} the same, ${differences.different} different${unsafe}`,
  );
  const left = renderTally(tally);
  if (left !== '') lines.push(left);
  return `${lines.map(escapeUnprintable).join('\n')}\n`;
}

function countRequests(count: number): string {
  return `${count} ${count === 1 ? 'request' : 'requests'}`;
}

/** The machine's form: names stay, members may be added. */
function renderJson(differences: Differences, counts: ComparisonCounts, tally: RequestTally): string {
  const { same, different, dropped } = differences;
  const document = { ...counts, same, different, dropped, list: tally, differences: differences.groups() };
  return `${escapeUnprintableJson(JSON.stringify(document, null, 2))}\n`;
}

export const compareLiveCommand: Command = {
  help: renderHelp,
  run: (words, terminal) =>
    runCompareLive(
      words,
      terminal,
      process.stdin,
      process.stderr.isTTY ? (text) => terminal.err(text) : null,
    ),
};
