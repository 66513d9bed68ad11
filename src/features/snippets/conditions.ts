// What replaces `if (…) { … }` and `rewrite` of nginx.
import type { Directive } from './directives.ts';
import { type Advice, nginxKey, none, ownKey, use } from './words.ts';

/** `advise`: of the directives in the block. */
export function adviseCondition(
  { args, block }: Directive,
  advise: (block: Directive['block']) => Advice[],
): Advice {
  const inner = advise(block);
  const isProtective = inner.some((advice) => advice.isProtective) || block === null;
  const [variable = '', operator = '', ...rest] = splitCondition(args);
  const value = rest.join(' ');
  const refuses = (block ?? []).some(
    ({ name, args: [status = ''] }) => name === 'return' && status.startsWith('4'),
  );
  const text =
    (refuses ? adviseRefusal(variable, operator, value) : adviseRedirect(variable, value, block)) ??
    `no annotation replaces the condition; what is in it: ${inner.map((advice) => advice.text).join('; ') || none}`;
  return { text, isProtective };
}

/** `$a~*b` may be written without blanks. */
function splitCondition(args: readonly string[]): string[] {
  const [first = '', ...rest] = args;
  const [, variable, operator, value] = /^(\$\w+)(!?~\*?|!?=)(.*)$/.exec(first) ?? [];
  if (variable === undefined || operator === undefined || value === undefined) return [...args];
  return [variable, operator, ...(value === '' ? rest : [value, ...rest])];
}

function adviseRefusal(variable: string, operator: string, value: string): string | null {
  const isMatch = operator === '~' || operator === '~*';
  const pattern = isMatch ? unwrap(value) : operator === '=' ? `^${escapePattern(value)}$` : null;
  switch (variable) {
    case '$http_user_agent':
      return pattern === null ? null : use(ownKey('deny-user-agents'), pattern);
    case '$http_referer':
      return pattern === null ? null : use(ownKey('deny-referers'), pattern);
    case '$request_method': {
      const methods = value
        .replaceAll(/[\^$()]/g, '')
        .split('|')
        .join(', ');
      return use(ownKey(operator.startsWith('!') ? 'allow-methods' : 'deny-methods'), methods);
    }
    case '$uri':
    case '$request_uri':
    case '$document_uri': {
      const path = value.replace(/^\^/, '').replace(/\$$/, '');
      const isPlain = /^\/[A-Za-z0-9/_.-]*$/.test(path) && !operator.startsWith('!');
      return isPlain ? use(ownKey('deny-paths'), path.replaceAll('\\', '')) : null;
    }
    case '$remote_addr':
      return operator === '=' ? use(nginxKey('denylist-source-range'), value) : null;
    case '$invalid_referer':
      return `use annotation "${ownKey('deny-referers')}"`;
    default:
      return null;
  }
}

function adviseRedirect(variable: string, value: string, block: Directive['block']): string | null {
  const target = (block ?? []).find(
    ({ name, args: [status = ''] }) => name === 'return' && status.startsWith('3'),
  );
  if (target === undefined) return null;
  if (variable === '$scheme' || variable === '$https' || variable === '$http_x_forwarded_proto')
    return use(nginxKey('force-ssl-redirect'), 'true');
  if (variable === '$host' || variable === '$http_host') {
    return `give the host ${JSON.stringify(value)} an Ingress of its own, and ${use(ownKey('return'), target.args.join(' '))}`;
  }
  if (variable !== '$request_uri' && variable !== '$uri') return null;
  const path = value.replace(/^\^/, '').replace(/\$$/, '');
  if (!/^\/[A-Za-z0-9/_.-]*$/.test(path)) return null;
  const [status = '', place = ''] = target.args;
  return use(ownKey('redirect-map'), `${path} ${place} ${status}`);
}

/** `(a|b)` needs no group of its own. */
function unwrap(pattern: string): string {
  return /^\([^()]*\)$/.test(pattern) ? pattern.slice(1, -1) : pattern;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** A redirect of one path, or of all below it; else a rewrite of the path that the endpoint gets. */
export function adviseRewrite({ args: [pattern = '', place = '', flag = ''] }: Directive): Advice {
  const isAbsolute = /^https?:\/\//.test(place);
  if (flag !== 'permanent' && flag !== 'redirect' && !isAbsolute) {
    const text = `use a path ${JSON.stringify(pattern)} with ${use(nginxKey('rewrite-target'), place)}`;
    return { text, isProtective: false };
  }
  const status = flag === 'permanent' ? '301' : '302';
  if (pattern === '^' || pattern === '^(.*)$' || pattern === '^/(.*)$') {
    const target = place.replace(/\/?\$(?:1|request_uri)$/, '$request_uri');
    return { text: use(ownKey('return'), `${status} ${target}`), isProtective: false };
  }
  const rest = /\(\.[*+]\)\$?$/;
  const path = pattern
    .replace(/^\^/, '')
    .replace(rest, '*')
    .replace(/\/?\??\$$/, '');
  const target = place.replace(/\$1$/, '*').replace(/\?$/, '');
  const isPlain = /^\/[A-Za-z0-9/_.-]*\*?$/.test(path) && !target.includes('$');
  return {
    text: isPlain
      ? use(ownKey('redirect-map'), `${path} ${target} ${status}`)
      : `write its paths into annotation "${ownKey('redirect-map')}"`,
    isProtective: false,
  };
}
