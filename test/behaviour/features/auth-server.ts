// Authentication servers for tests: one on raw sockets that keeps every question, and what is told of both sides of a protected Ingress.
import type { TestContext } from 'node:test';
import type { ProxySettings } from '../../../src/model/index.ts';
import { type DeepPartial, startAnswering } from '../harness.ts';
import { type Annotated, serve, type Served } from './annotated.ts';

export interface Guarded extends Served {
  /** Heads that the authentication server got. */
  readonly questions: string[];
  readonly authPort: number;
}

/** An answer without a body. */
export function reply(status: number, fields = ''): string {
  return `HTTP/1.1 ${status} Any\r\nContent-Length: 0\r\n${fields}\r\n`;
}

/** By the client's Authorization: 200 for `good`, 403 for `poor`, 401 for others. */
export function judge(question: string): string {
  if (/^authorization: good\r$/im.test(question)) return reply(200);
  if (/^authorization: poor\r$/im.test(question)) return reply(403);
  return reply(401, 'WWW-Authenticate: Bearer realm="shop"\r\n');
}

export const good = 'Authorization: good\r\n';

/** The annotated Ingress of annotated.ts behind a server, which is at `http://127.0.0.1:PORT` and `target`. */
export async function serveGuarded(
  t: TestContext,
  {
    judgeBy = judge,
    target = '/check',
    ...annotated
  }: Annotated & {
    readonly judgeBy?: (question: string, index: number) => string | Promise<string>;
    readonly target?: string;
  } = {},
  change: DeepPartial<ProxySettings> = {},
): Promise<Guarded> {
  const questions: string[] = [];
  const authPort = await startAnswering(t, async (question, index) => {
    questions.push(question);
    return await judgeBy(question, index);
  });
  const annotations = { 'auth-url': `http://127.0.0.1:${authPort}${target}`, ...annotated.annotations };
  const served = await serve(t, { ...annotated, annotations }, change);
  return { ...served, questions, authPort };
}
