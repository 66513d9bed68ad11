// The annotations of rewrite.
import type { AnnotationKey } from '../contract.ts';
import { goBool } from '../values.ts';
import { parsePrefix, parseTarget } from './target.ts';

export const rewriteTargetKey: AnnotationKey<string> = {
  name: 'rewrite-target',
  dialect: 'nginx',
  parse: parseTarget,
  scope: 'route',
  risk: 'medium',
  onInvalid: 'default',
  defaultText: 'none',
  valueText:
    'letters, digits and `- . _ ~ / : $`, no spaces; `$1` to `$9` stand for the captures of the path; a path, or an absolute `http` or `https` URL whose host holds no capture',
  doc: 'Replaces the whole path that is sent upstream; the query is kept. What the target does not take over by a capture is lost: path `/simple` with target `/x` sends `/simple/more?q=1` as `/x?q=1`. The result always begins with exactly one `/`. A target equal to the path does nothing. With any other one, a path that holds a character of `\\ ^ $ * + ? ( ) [ ] { } |` and is not `Exact` is a regular expression, as with `use-regex`; other paths match as ever, and have no captures. An absolute URL is not proxied: the client gets 302 to it, with the query appended.',
};

export const forwardedPrefixKey: AnnotationKey<string> = {
  name: 'x-forwarded-prefix',
  dialect: 'nginx',
  parse: parsePrefix,
  scope: 'route',
  risk: 'medium',
  onInvalid: 'reject',
  defaultText: 'none',
  valueText: 'letters, digits and `- . _ ~ / : $`; `$1` to `$9` stand for the captures of the path',
  doc: 'The field `X-Forwarded-Prefix` of requests whose path is rewritten; one that the client sent never passes. An application finds in it what to put before the paths of its links. Without a rewrite it has no effect.',
};

export const useRegexKey: AnnotationKey<boolean> = {
  name: 'use-regex',
  dialect: 'nginx',
  parse: goBool,
  scope: 'route',
  risk: 'low',
  onInvalid: 'default',
  defaultText: '`false`',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
  doc: 'Reads the paths of the Ingress as regular expressions, `Exact` ones excepted: case-insensitive, anchored at the start and not at the end. In ingress-nginx one such Ingress does this to every path of its host; here it acts on its own paths only. Matching takes linear time; lookaround, backreferences, possessive and atomic groups are refused with a problem.',
};
