// deny: refuses requests by what they say: path, method, User-Agent, Referer.
import {
  compileLinearRegex,
  type LinearRegex,
  maxRequestSteps,
  takenSteps,
} from '../../std/linear-regex/index.ts';
import type { AnnotationValues, Feature, LocalResponse, RequestView, RouteHooks } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { readValue } from '../values.ts';
import { agentsKey, allowMethodsKey, denyMethodsKey, pathsKey, referersKey } from './keys.ts';

export interface DenyPolicy {
  readonly paths: readonly string[];
  readonly agents: readonly string[];
  readonly referers: readonly string[];
  /** Null: all. */
  readonly allowedMethods: readonly string[] | null;
  readonly deniedMethods: readonly string[];
}

const usualMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

function compile(values: AnnotationValues): DenyPolicy | null {
  const allowed = readValue(values, allowMethodsKey) ?? null;
  const policy: DenyPolicy = {
    paths: readValue(values, pathsKey) ?? [],
    agents: readValue(values, agentsKey) ?? [],
    referers: readValue(values, referersKey) ?? [],
    allowedMethods: allowed?.includes('GET') === true ? [...new Set([...allowed, 'HEAD'])] : allowed,
    deniedMethods: readValue(values, denyMethodsKey) ?? [],
  };
  const lists = [policy.paths, policy.agents, policy.referers, policy.deniedMethods];
  return allowed === null && lists.every((list) => list.length === 0) ? null : policy;
}

type Check = (request: RequestView) => LocalResponse | null;

function checkPaths(paths: readonly string[]): Check {
  const refusal: LocalResponse = { status: 403, reason: 'denied-path' };
  const beginnings = paths.map((path) => (path.endsWith('/') ? path : `${path}/`));
  // `/admin/` means all below it, and the folder itself.
  const exact = new Set(beginnings.map((path) => path.slice(0, -1)));
  const isDenied = (path: string): boolean =>
    exact.has(path) || beginnings.some((beginning) => path.startsWith(beginning));
  return ({ path, greedyPath }) =>
    isDenied(path) || (greedyPath !== '' && isDenied(greedyPath)) ? refusal : null;
}

function checkMethods(allowed: readonly string[] | null, denied: readonly string[]): Check {
  const good = (allowed ?? usualMethods).filter((method) => !denied.includes(method));
  const refusal: LocalResponse = {
    status: 405,
    reason: 'denied-method',
    fields: `Allow: ${good.join(', ')}\r\n`,
  };
  return ({ method }) =>
    denied.includes(method) || (allowed !== null && !allowed.includes(method)) ? refusal : null;
}

/** What costs too much to decide is refused. Each line of that name counts, or a second one would hide the first. */
function checkField(name: string, patterns: readonly string[], reason: string): Check {
  const refusal: LocalResponse = { status: 403, reason };
  const regexes: LinearRegex[] = [];
  for (const pattern of patterns) {
    const compiled = compileLinearRegex(pattern, { ignoreCase: true });
    // The parser let no other through; if one were, nobody may pass.
    if (!compiled.ok) return () => refusal;
    regexes.push(compiled.regex);
  }
  return (request) => {
    const values = request.fieldValues(name);
    let steps = maxRequestSteps;
    for (const value of values.length === 0 ? [''] : values) {
      for (const regex of regexes) {
        if (regex.searchWithin(value, steps) !== false) return refusal;
        steps -= takenSteps();
      }
    }
    return null;
  };
}

function prepare({ paths, agents, referers, allowedMethods, deniedMethods }: DenyPolicy): RouteHooks {
  const checks: Check[] = [];
  if (paths.length > 0) checks.push(checkPaths(paths));
  if (allowedMethods !== null || deniedMethods.length > 0)
    checks.push(checkMethods(allowedMethods, deniedMethods));
  if (agents.length > 0) checks.push(checkField('user-agent', agents, 'denied-user-agent'));
  if (referers.length > 0) checks.push(checkField('referer', referers, 'denied-referer'));
  return {
    admit: (request) => {
      for (const check of checks) {
        const refusal = check(request);
        if (refusal !== null) return refusal;
      }
      return null;
    },
  };
}

export const deny: Feature = defineFeature<DenyPolicy>({
  name: 'deny',
  doc: 'Refuses requests by what they say, before redirects and before an endpoint is chosen.',
  keys: [pathsKey, allowMethodsKey, denyMethodsKey, agentsKey, referersKey],
  after: ['cors'],
  compile,
  prepare,
  describe: ({ paths, agents, referers, allowedMethods, deniedMethods }) =>
    [
      paths.length === 0 ? '' : `refuse paths ${paths.join(', ')}`,
      allowedMethods === null ? '' : `let only ${allowedMethods.join(', ')} in`,
      deniedMethods.length === 0 ? '' : `refuse ${deniedMethods.join(', ')}`,
      agents.length === 0 ? '' : `refuse ${agents.length} user agents`,
      referers.length === 0 ? '' : `refuse ${referers.length} referers`,
    ]
      .filter((part) => part !== '')
      .join('; '),
});
