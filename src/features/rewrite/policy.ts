// What becomes of the path of a route's requests, as plain data.
import { compileLinearRegex } from '../../std/linear-regex/index.ts';
import type { AnnotationValues, CompileContext } from '../contract.ts';
import { renderKey } from '../keys.ts';
import { readValue } from '../values.ts';
import { forwardedPrefixKey, rewriteTargetKey } from './keys.ts';
import { highestCapture, isAbsoluteTarget } from './target.ts';

export interface RewritePolicy {
  /** As written, with its `$1` to `$9`. */
  readonly target: string;
  /** Of X-Forwarded-Prefix, with captures; absent: the client's passes. */
  readonly prefix?: string;
}

/** Null: the path is sent as it was matched. Reports captures that the path does not have. */
export function compileRewrite(values: AnnotationValues, context: CompileContext): RewritePolicy | null {
  const target = readValue(values, rewriteTargetKey);
  if (target === undefined || target === context.path) return null;
  const wanted = highestCapture(target);
  const present = countCaptures(context);
  if (present !== null && wanted > present) {
    const key = renderKey(rewriteTargetKey);
    context.report({
      severity: 'warning',
      code: 'AnnotationInvalid',
      key,
      message: `annotation "${key}" is "${target}" and names the capture "$${wanted}", but the path ${JSON.stringify(context.path)} has ${present}; a capture that does not exist is empty`,
    });
  }
  const prefix = readValue(values, forwardedPrefixKey) ?? '';
  return prefix === '' || isAbsoluteTarget(target) ? { target } : { target, prefix };
}

/** Null when the pattern is refused: that is told where paths are matched. */
function countCaptures({ path, pathKind }: CompileContext): number | null {
  if (pathKind !== 'regex') return 0;
  const compiled = compileLinearRegex(path, { ignoreCase: true });
  return compiled.ok ? compiled.regex.groupCount : null;
}

export function describeRewrite({ target }: RewritePolicy): string {
  return isAbsoluteTarget(target) ? `redirect to "${target}"` : `rewrite the path to "${target}"`;
}
