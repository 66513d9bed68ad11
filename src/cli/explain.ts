// `sallyport explain`: which rule takes a request, and why; what features do with it; which endpoints may get it. Decided on the
// manifests alone, with the data plane's own parts (decide-request.ts), so that it says what `up` would do.
import { domainToASCII } from 'node:url';
import {
  type FlagTable,
  readCommandLine,
  renderFlagsHelp,
  resolveFlags,
  UsageError,
} from '../config/index.ts';
import { type Report, renderReport } from '../controller/index.ts';
import type { FileLocation } from '../sources/index.ts';
import { escapeUnprintable, escapeUnprintableJson } from '../std/printable.ts';
import { renderExplanation } from '../table/index.ts';
import { normalizeHost } from '../wire/http1/host.ts';
import { jsonOfReport } from './check/render-json.ts';
import type { Command, Terminal } from './command.ts';
import { type AskedRequest, type Decision, decideRequest, serverNameOf } from './decide-request.ts';
import { type ByteStream, loadManifests, manifestFlags, type ManifestInput } from './manifest-input.ts';

const command = 'sallyport explain';

const explainFlags = {
  ...manifestFlags,
  filename: {
    ...manifestFlags.filename,
    doc: 'Manifests to decide by: a file, a folder (its .yaml, .yml and .json files, recursively) or - for standard input. May be given several times.',
  },
  request: {
    type: 'text',
    section: 'Manifests',
    short: 'X',
    placeholder: 'METHOD',
    default: 'GET',
    doc: 'Method of the request.',
  },
  header: {
    type: 'texts',
    section: 'Manifests',
    short: 'H',
    placeholder: 'FIELD',
    default: '',
    defaultText: 'none',
    doc: 'A field of the request, as "Name: value". Host decides the rule in place of the URL; Content-Length counts against limits; others may choose a canary.',
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

function renderHelp(): string {
  return [
    'Usage: sallyport explain URL -f PATH [-f PATH …] [-X METHOD] [-H "Name: value"] [flags]',
    '',
    'Prints what happens to a request: the host entry, every rule of it and why it lost or won, what features do, the endpoints.',
    'Exit code: 0 when decided (also when the answer is an error), 1 when no manifest can be read, 2 when used wrongly.',
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
  const flags = resolveFlags(command, explainFlags, [line.flags]);
  const [url, extra] = line.positionals;
  if (url === undefined)
    throw new UsageError(
      `${command}: a URL is wanted, for example ${command} http://foo.bar.com/foo -f examples`,
    );
  if (extra !== undefined) throw new UsageError(`${command}: unexpected word "${extra}" behind the URL`);
  const asked = parseRequest(url, flags.request, flags.header);
  const input = await loadManifests(command, flags, terminal, stdin);
  if (input === null) return 1;
  if (input.objectCount === 0 && input.reports.length > 0) {
    terminal.err(
      `${input.reports.map(renderReport).join('\n')}\n${command}: no object could be read from the manifests\n`,
    );
    return 1;
  }
  const decision = decideRequest(input.table, asked);
  const answer = { decision, ...findWinner(decision, input) };
  terminal.out(flags.output === 'json' ? renderJson(answer) : renderText(answer));
  return 0;
}

/** The decision, and what the manifests say of the Ingress that won. */
interface Answer {
  readonly decision: Decision;
  /** Where the winning rule is written. */
  readonly location: FileLocation | null;
  /** What is wrong with the winning Ingress; without one, the Ingresses that are not served. */
  readonly problems: readonly Report[];
}

function findWinner({ explanation }: Decision, { locate, reports }: ManifestInput): Omit<Answer, 'decision'> {
  const { namespace, ingress } = explanation?.route.labels ?? { namespace: '', ingress: '' };
  if (explanation === null) return { location: null, problems: [] };
  if (ingress === '')
    return { location: null, problems: reports.filter(({ code }) => code === 'ClassNotServed') };
  const place = /\/rule\/(\d+)\/path\/(\d+)$/.exec(explanation.route.id);
  const field = place === null ? 'spec.defaultBackend' : `spec.rules[${place[1]}].http.paths[${place[2]}]`;
  const ref = { kind: 'Ingress', namespace, name: ingress };
  const problems = reports.filter(
    ({ object }) => object?.kind === 'Ingress' && object.namespace === namespace && object.name === ingress,
  );
  return { location: locate(ref, field), problems };
}

const sideText: Readonly<Record<NonNullable<Decision['canary']>['side'], string>> = {
  main: 'main',
  canary: 'canary',
  drawn: 'main or canary, drawn for each request',
};

function renderText({ decision, location, problems }: Answer): string {
  const { explanation, features, canary, sentTarget, answer } = decision;
  const lines = explanation === null ? [] : [renderExplanation(explanation)];
  if (location !== null) lines.push(escapeUnprintable(`source    ${location.file}:${location.line}`));
  if (features.length > 0) lines.push('features');
  for (const { name, policy, effect } of features) {
    lines.push(escapeUnprintable(`  ${name}: ${policy}${effect === '' ? '' : `; ${effect}`}`));
  }
  if (canary !== null) lines.push(`side      ${sideText[canary.side]}: ${canary.why}`);
  if (sentTarget !== null && explanation !== null)
    lines.push(`sends     ${explanation.request.method} ${sentTarget}`);
  if (answer !== null) {
    const target = answer.location === null ? '' : ` to ${answer.location}`;
    lines.push(`answer    ${answer.status}${target}, by the proxy itself: ${answer.reason}`);
  }
  if (problems.length > 0)
    lines.push(problemsTitle(problems), ...problems.map((report) => `  ${renderReport(report)}`));
  return `${lines.join('\n')}\n`;
}

/** The machine's form: names stay, members may be added. */
function problemsTitle([first]: readonly Report[]): string {
  return first?.code === 'ClassNotServed' ? 'Ingresses that are not served' : 'problems of this Ingress';
}

function renderJson({ decision, location, problems }: Answer): string {
  const { explanation, features, canary, sentTarget, answer } = decision;
  const { namespace, ingress, service, servicePort } = explanation?.route.labels ?? {};
  const document = {
    request: explanation?.request ?? null,
    host: explanation?.host ?? null,
    candidates: explanation?.candidates ?? [],
    route: explanation?.route.id ?? null,
    via: explanation?.via ?? null,
    ingress: ingress === undefined || ingress === '' ? null : { namespace, name: ingress },
    source: location,
    service: service === undefined || service === '' ? null : { namespace, name: service, port: servicePort },
    backend: explanation?.backend ?? null,
    endpoints: explanation?.endpoints ?? [],
    tls: explanation?.tls ?? null,
    passthrough: explanation?.passthrough ?? null,
    features,
    canary:
      canary === null || explanation === null
        ? null
        : { ...explanation.route.canary, endpoints: explanation.canaryEndpoints ?? [], ...canary },
    sentTarget,
    answer,
    problems: problems.map(jsonOfReport),
  };
  return `${escapeUnprintableJson(JSON.stringify(document, null, 2))}\n`;
}

/** The request that a client such as curl would make of the words. Not `new URL`, which would tidy the path before the proxy sees it. */
function parseRequest(url: string, method: string, fields: readonly string[]): AskedRequest {
  const match = /^(?:(https?):\/\/)?([^/?#]+)([^?#]*)(\?[^#]*)?(?:#.*)?$/i.exec(url);
  const host = match === null ? null : readHost(match[2] ?? '');
  if (match === null || host === null) {
    throw new UsageError(`${command}: "${url}": a URL such as http://foo.bar.com/foo is wanted`);
  }
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method)) {
    throw new UsageError(`${command}: -X "${method}": a method such as GET or POST is wanted`);
  }
  const scheme = match[1]?.toLowerCase() === 'https' ? 'https' : 'http';
  const headers = readFields(fields);
  return {
    method,
    scheme,
    host: headers.host ?? host,
    serverName: scheme === 'https' ? serverNameOf(host) : '',
    rawPath: escapeText(match[3] === undefined || match[3] === '' ? '/' : match[3]),
    query: escapeText(match[4] ?? ''),
    contentLength: headers.contentLength,
    fields: headers.lines,
  };
}

/** A host as the proxy reads it; international names in their ASCII form. Null: no host. */
function readHost(text: string): string | null {
  const isAscii = !/[^\0-\x7f]/.test(text);
  if (isAscii) return normalizeHost(text);
  const [, name = '', port = ''] = /^(.*?)(:\d+)?$/.exec(text) ?? [];
  return normalizeHost(`${domainToASCII(name)}${port}`);
}

/** Characters that no request target may hold are sent escaped, as UTF-8. */
function escapeText(text: string): string {
  return text
    .replace(/[^\0-\x7f]+/g, (part) => encodeURIComponent(part.toWellFormed()))
    .replaceAll(' ', '%20');
}

interface RequestFields {
  /** Null: not given, the URL's counts. */
  readonly host: string | null;
  readonly contentLength: number;
  /** All others. */
  readonly lines: string;
}

function readFields(fields: readonly string[]): RequestFields {
  let host: string | null = null;
  let contentLength = 0;
  let lines = '';
  for (const field of fields) {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(field) ?? [];
    if (name === undefined)
      throw new UsageError(`${command}: -H "${field}": a field such as "Host: foo.bar.com" is wanted`);
    if (name.toLowerCase() === 'host') {
      host = value === '' ? '' : readHost(value);
      if (host === null)
        throw new UsageError(`${command}: -H "${field}": a host name with an optional port is wanted`);
    } else if (name.toLowerCase() === 'content-length') {
      if (!/^\d{1,15}$/.test(value))
        throw new UsageError(`${command}: -H "${field}": a number of bytes is wanted`);
      contentLength = Number(value);
    } else lines += `${name}: ${value}\r\n`;
  }
  return { host, contentLength, lines };
}

export const explainCommand: Command = {
  help: renderHelp,
  run: (words, terminal) => runExplain(words, terminal, process.stdin),
};
