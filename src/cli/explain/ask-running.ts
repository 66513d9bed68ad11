// Asks a running instance for its decision, or for what it did with a request, by the /debug/ pages of its admin listener, and prints what it says.
import { homedir } from 'node:os';
import { defaultDataDir, UsageError } from '../../config/index.ts';
import { adminTokenPath, readAdminToken } from '../admin-token.ts';
import type { Terminal } from '../command.ts';
import { escapeUnprintable } from '../../std/printable.ts';
import { type AskedWords, parseRequest } from './asked-request.ts';

const timeoutMs = 15_000;
/** What the head of a request may hold there, less the other fields. */
const maxTargetLength = 7_000;
const maxAnswerBytes = 16 * 1024 * 1024;

export interface RunningFlags {
  readonly admin: string;
  readonly 'admin-token-file': string;
  readonly 'request-id': string;
  readonly output: string;
}

/** Resolves to the exit code. @throws {UsageError} */
export async function askRunning(
  command: string,
  url: string | undefined,
  asked: RunningFlags & AskedWords,
  terminal: Terminal,
): Promise<number> {
  const target = targetOf(command, asked.admin, pathAndQuery(command, url, asked));
  const path = adminTokenPath(
    asked['admin-token-file'] || null,
    defaultDataDir({ env: process.env, homeDir: homedir() }),
  );
  try {
    const token = readAdminToken(path ?? '');
    const response = await fetch(target, {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await readBounded(response);
    if (response.ok) {
      terminal.out(text);
      return 0;
    }
    terminal.err(`${command}: ${describeRefusal(response.status, text, asked.admin, path ?? '')}\n`);
  } catch (error) {
    terminal.err(`${command}: ${describeFailure(error, asked.admin)}\n`);
  }
  return 1;
}

/** What is wrong with the question is said here, without asking anybody. */
function pathAndQuery(command: string, url: string | undefined, asked: RunningFlags & AskedWords): string {
  const id = asked['request-id'];
  if (id !== '') {
    if (url !== undefined)
      throw new UsageError(`${command}: a URL and --request-id exclude each other; one of them is wanted`);
    return `/debug/requests/${encodeURIComponent(id)}?${new URLSearchParams({ output: asked.output }).toString()}`;
  }
  if (url === undefined)
    throw new UsageError(
      `${command}: a URL is wanted, for example ${command} http://foo.bar.com/foo --admin ${asked.admin}`,
    );
  parseRequest(command, url, asked);
  return `/debug/explain?${queryOf(url, asked).toString()}`;
}

function queryOf(url: string, asked: RunningFlags & AskedWords): URLSearchParams {
  const query = new URLSearchParams({ url, method: asked.method, output: asked.output });
  for (const field of asked.fields) query.append('header', field);
  if (asked.clientAddress !== '') query.set('client-address', asked.clientAddress);
  if (asked.serverName !== '') query.set('server-name', asked.serverName);
  if (asked.isTls) query.set('tls', 'true');
  return query;
}

function targetOf(command: string, admin: string, path: string): URL {
  const base = URL.canParse(admin) ? new URL(admin) : null;
  const isPlain = base !== null && base.username === '' && base.search === '' && base.hash === '';
  if (base === null || !isPlain || base.pathname !== '/' || !/^https?:$/.test(base.protocol))
    throw new UsageError(
      `${command}: --admin "${admin}": the URL of an admin listener such as http://127.0.0.1:10254 is wanted`,
    );
  const target = new URL(path, base);
  if (target.pathname.length + target.search.length > maxTargetLength)
    throw new UsageError(
      `${command}: the question is too long for --admin: URL and fields of some 6,000 bytes are wanted`,
    );
  return target;
}

/** @throws {Error} More than anybody would read. */
async function readBounded({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    size += piece.byteLength;
    if (size > maxAnswerBytes) throw new Error(`more than ${maxAnswerBytes} bytes came`);
    pieces.push(piece);
  }
  // Line ends stand between lines; all else that would steer a terminal was escaped there, and is here.
  return Buffer.concat(pieces).toString().split('\n').map(escapeUnprintable).join('\n');
}

function describeRefusal(status: number, text: string, admin: string, path: string): string {
  if (status === 401)
    return `the instance at "${admin}" does not take the token of "${path}": ${text.trimEnd()}`;
  return `the instance at "${admin}" answered ${status}: ${text.trimEnd()}`;
}

function describeFailure(error: unknown, admin: string): string {
  if (!(error instanceof Error)) return `cannot ask "${admin}": ${String(error)}`;
  if ('path' in error) return `cannot read the admin token: ${error.message}; --admin-token-file is wanted`;
  const cause = error.cause instanceof Error ? error.cause.message : error.message;
  return `cannot ask "${admin}": ${cause}`;
}
