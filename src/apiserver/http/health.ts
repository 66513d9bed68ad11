// /healthz, /livez, /readyz and /version: open to everybody, so they say which check fails but not why (apiserver pkg/server/healthz).
import type { Logger } from '../../observe/logger.ts';
import type { ApiResponse, BytesResponse } from '../rest/api-request.ts';

export interface HealthCheck {
  readonly name: string;
  /** Why it fails; null: all is well. */
  readonly check: () => string | null;
  /** A failure that only a restart ends: also on /livez. */
  readonly isLive?: boolean;
}

const pages = new Set(['healthz', 'livez', 'readyz']);

/** Answers /healthz, /livez and /readyz, and the checks below them; null for every other path, also with a slash behind these. */
export function createHealthPages(
  checks: readonly HealthCheck[],
  logger: Logger,
): (path: string, query: URLSearchParams) => ApiResponse | null {
  const ping: HealthCheck = { name: 'ping', check: () => null, isLive: true };
  const all = [ping, ...checks];
  return (path, query) => {
    const [page = '', name, ...rest] = path.slice(1).split('/');
    if (!pages.has(page) || rest.length > 0) return null;
    const own = page === 'livez' ? all.filter((check) => check.isLive === true) : all;
    if (name === undefined) return answerAll(page, own, query, logger);
    const single = own.find((check) => check.name === name);
    return single === undefined ? null : answerOne(page, single, logger);
  };
}

function answerAll(
  page: string,
  checks: readonly HealthCheck[],
  query: URLSearchParams,
  logger: Logger,
): BytesResponse {
  const excluded = new Set(query.getAll('exclude'));
  const lines: string[] = [];
  let isFailing = false;
  for (const check of checks) {
    if (excluded.delete(check.name)) {
      lines.push(`[+]${check.name} excluded: ok`);
    } else if (hasPassed(page, check, logger)) {
      lines.push(`[+]${check.name} ok`);
    } else {
      isFailing = true;
      lines.push(`[-]${check.name} failed: reason withheld`);
    }
  }
  if (excluded.size > 0) {
    const names = [...excluded].sort().map((name) => JSON.stringify(name));
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names.join(',')}`);
  }
  const report = (end: string): string => [...lines, `${page} check ${end}`, ''].join('\n');
  if (isFailing) return textAnswer(500, report('failed'));
  return textAnswer(200, query.has('verbose') ? report('passed') : 'ok');
}

function answerOne(page: string, check: HealthCheck, logger: Logger): BytesResponse {
  if (hasPassed(page, check, logger)) return textAnswer(200, 'ok');
  return textAnswer(500, 'internal server error: reason withheld\n');
}

function hasPassed(page: string, check: HealthCheck, logger: Logger): boolean {
  let reason: string | null;
  try {
    reason = check.check();
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  if (reason !== null) logger.debug({ page, check: check.name, reason }, 'health check failed');
  return reason === null;
}

/** Beside the pages kube-apiserver has no Status, but Go's plain text. */
export function pageNotFound(): BytesResponse {
  return textAnswer(404, '404 page not found\n');
}

function textAnswer(status: number, text: string): BytesResponse {
  const headers = { 'X-Content-Type-Options': 'nosniff' };
  return {
    kind: 'bytes',
    status,
    contentType: 'text/plain; charset=utf-8',
    headers,
    bytes: Buffer.from(text),
  };
}

/** The Kubernetes version whose API is served: clients choose by it what they may ask for. */
const kubernetesVersion = { major: '1', minor: '36', patch: '0' } as const;

/** /version. `packageVersion`: of Sallyport, e.g. `0.1.0`. */
export function renderVersion(packageVersion: string): ApiResponse {
  const { major, minor, patch } = kubernetesVersion;
  const build = packageVersion.replaceAll(/[^0-9A-Za-z.-]/g, '-');
  const value = {
    major,
    minor,
    gitVersion: `v${major}.${minor}.${patch}+sallyport-${build}`,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: `node ${process.versions.node}`,
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
  return { kind: 'value', status: 200, value, warnings: [] };
}
