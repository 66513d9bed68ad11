// The pages /debug/explain, what the running instance would do with a request, decided by the table that its workers were given, and
// /debug/requests/ID, what it did with one.
import { UsageError } from '../config/index.ts';
import { type Controller, reportOfProblem } from '../controller/index.ts';
import type { RouteTable } from '../model/index.ts';
import type { AdminRequest, AdminResponse } from '../observe/admin-server.ts';
import { maxKeptIdLength, recentRequests, type RequestFacts } from '../proxy/recent-requests.ts';
import { Translator } from '../translate/index.ts';
import { decideRequest } from './decide-request.ts';
import { parseRequest } from './explain/asked-request.ts';
import { renderPastJson, renderPastText, tellPast } from './explain/past-request.ts';
import { renderJson, renderText } from './explain/render.ts';
import { tell } from './explain/tell.ts';
import { classProblems } from './manifest-input.ts';

export interface ExplainParts {
  readonly controller: Controller;
  /** As the workers were given it; version 0: none yet. */
  readonly published: () => RouteTable;
  readonly annotationsPrefix: string;
  /** Null: no worker knows of it, or not any more. */
  readonly findRequest: (requestId: string) => Promise<RequestFacts | null>;
}

const known: ReadonlySet<string> = new Set([
  'url',
  'method',
  'header',
  'client-address',
  'server-name',
  'tls',
  'output',
]);

export function answerExplain(
  { controller, published, annotationsPrefix }: ExplainParts,
  { query }: Pick<AdminRequest, 'query'>,
): AdminResponse {
  const table = published();
  if (table.version === 0) return { status: 503, body: 'no table is served yet\n' };
  try {
    for (const name of query.keys()) {
      if (!known.has(name))
        throw new UsageError(`/debug/explain: "${name}": one of ${[...known].join(', ')} is wanted`);
    }
    const url = query.get('url');
    if (url === null)
      throw new UsageError('/debug/explain: url is wanted, for example ?url=http://foo.bar.com/foo');
    const asked = parseRequest('/debug/explain', url, {
      method: query.get('method') ?? 'GET',
      fields: query.getAll('header'),
      clientAddress: query.get('client-address') ?? '',
      serverName: query.get('server-name') ?? '',
      isTls: query.get('tls') === 'true',
    });
    const answer = tell(
      decideRequest(table, asked),
      {
        // Gone through more than once.
        objects: [...controller.objects()],
        reports: reportsOf(controller),
        locate: (ref, field) => controller.locate(ref, field),
        annotationsPrefix,
      },
      { logged: null, served: { version: table.version } },
    );
    return query.get('output') === 'json'
      ? { status: 200, body: renderJson(answer), contentType: 'application/json; charset=utf-8' }
      : { status: 200, body: renderText(answer) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { status: 400, body: `${error.message}\n` };
  }
}

export async function answerRequest(
  { controller, published, annotationsPrefix, findRequest }: ExplainParts,
  { path, query }: Pick<AdminRequest, 'path' | 'query'>,
): Promise<AdminResponse> {
  const id = decodeId(path.slice(path.lastIndexOf('/') + 1));
  if (id === null)
    return {
      status: 400,
      body: `the id of a request, of at most ${maxKeptIdLength} characters, is wanted\n`,
    };
  const facts = await findRequest(id);
  if (facts === null)
    return {
      status: 404,
      body: `no request of this id is known: each worker remembers its last ${recentRequests}, and forgets them when it ends\n`,
    };
  const past = tellPast(facts, published(), { objects: [...controller.objects()], annotationsPrefix });
  return query.get('output') === 'json'
    ? { status: 200, body: renderPastJson(past), contentType: 'application/json; charset=utf-8' }
    : { status: 200, body: renderPastText(past) };
}

/** Null: none. */
function decodeId(text: string): string | null {
  try {
    const id = decodeURIComponent(text);
    return id === '' || id.length > maxKeptIdLength ? null : id;
  } catch {
    return null;
  }
}

/** Also why Ingresses are left alone: whoever asks here runs this, and wants to know. */
function reportsOf(controller: Controller) {
  const { translator } = controller;
  const reports = controller.reports();
  if (!(translator instanceof Translator)) return reports;
  const left = [...controller.objects()].flatMap((object) => classProblems(object, translator));
  return [
    ...reports,
    ...left.map((problem) => reportOfProblem(problem, (ref, field) => controller.locate(ref, field))),
  ];
}
