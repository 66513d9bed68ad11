// The annotations of affinity. What goes into a Set-Cookie line is held to characters that cannot end it.
import type { AnnotationKey, ParseResult } from '../contract.ts';
import { goBool, goInt, oneOf, refuseControls } from '../values.ts';

const maxNameLength = 256;
const maxTextLength = 1_024;

function pattern(shape: RegExp, wanted: string, maxLength: number): (text: string) => ParseResult<string> {
  return (text) => {
    if (text.length <= maxLength && shape.test(text)) return { value: text };
    return refuseControls(text) ?? { wanted };
  };
}

type SameSite = 'None' | 'Lax' | 'Strict';

function parseSameSite(text: string): ParseResult<SameSite> {
  for (const value of ['None', 'Lax', 'Strict'] as const)
    if (value.toLowerCase() === text.toLowerCase()) return { value };
  return refuseControls(text) ?? { wanted: '"None", "Lax" or "Strict"' };
}

/** Within what a cookie's attribute and a date can hold. */
const maxSeconds = 2_147_483_647;

function seconds(text: string): ParseResult<number> {
  const parsed = goInt(text);
  if ('value' in parsed && parsed.value >= 0 && parsed.value <= maxSeconds) return parsed;
  return { wanted: `whole seconds from 0 to ${maxSeconds}, without unit` };
}

const shared = { dialect: 'nginx', scope: 'route', onInvalid: 'default' } as const;
const boolText = '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)';

export const affinityKey: AnnotationKey<'cookie'> = {
  ...shared,
  name: 'affinity',
  parse: oneOf(['cookie']),
  risk: 'low',
  defaultText: 'none',
  valueText: '`cookie`',
  doc: 'Brings a client back to the endpoint that answered it first, by a cookie. Goes before `upstream-hash-by` and `load-balance`; the first choice for a client follows `load-balance` in mode `persistent`, and chance in mode `balanced`. The cookie tells nothing of endpoints to who does not know the uid of the Service.',
};

export const modeKey: AnnotationKey<'balanced' | 'persistent'> = {
  ...shared,
  name: 'affinity-mode',
  parse: oneOf(['balanced', 'persistent']),
  risk: 'medium',
  defaultText: '`balanced`',
  valueText: '`balanced` or `persistent`',
  doc: '`balanced`: the cookie is a random key that is hashed over the endpoints; newcomers get their part of the sessions. `persistent`: the cookie names an endpoint; a session moves only when its endpoint is gone.',
};

export const nameKey: AnnotationKey<string> = {
  ...shared,
  name: 'session-cookie-name',
  parse: pattern(/^[\w\-.~]+$/, `letters, digits and - . _ ~, at most ${maxNameLength}`, maxNameLength),
  risk: 'medium',
  defaultText: '`INGRESSCOOKIE`',
  valueText: 'letters, digits and `- . _ ~`',
  doc: 'Name of the cookie.',
};

export const pathKey: AnnotationKey<string> = {
  ...shared,
  name: 'session-cookie-path',
  parse: pattern(
    /^\/[\w\-.~/:,?&=]*$/,
    'a path that begins with / and holds only letters, digits and - . _ ~ / : , ? & =',
    maxTextLength,
  ),
  risk: 'medium',
  defaultText: 'the path of the rule',
  valueText: 'a path of letters, digits and `- . _ ~ / : , ? & =`',
  doc: 'Path of the cookie. A rule whose path is a regular expression wants it; without it its cookies are for `/`.',
};

export const domainKey: AnnotationKey<string> = {
  ...shared,
  name: 'session-cookie-domain',
  parse: pattern(/^[\w\-.]+$/, 'a domain of letters, digits and - . _', 253),
  risk: 'medium',
  defaultText: 'none',
  valueText: 'letters, digits and `- . _`',
  doc: 'Domain of the cookie; without it only the host itself gets it back.',
};

export const expiresKey: AnnotationKey<number> = {
  ...shared,
  name: 'session-cookie-expires',
  parse: seconds,
  risk: 'medium',
  defaultText: 'none',
  valueText: 'whole seconds',
  doc: 'Writes `Expires`, this far from now. For old browsers.',
};

export const maxAgeKey: AnnotationKey<number> = {
  ...shared,
  name: 'session-cookie-max-age',
  parse: seconds,
  risk: 'medium',
  defaultText: 'none',
  valueText: 'whole seconds',
  doc: 'Writes `Max-Age`. Without it and `session-cookie-expires` the cookie lives as long as the browser.',
};

export const sameSiteKey: AnnotationKey<SameSite> = {
  ...shared,
  name: 'session-cookie-samesite',
  parse: parseSameSite,
  risk: 'low',
  defaultText: 'none',
  valueText: '`None`, `Lax` or `Strict`, any case',
  doc: 'Writes `SameSite`.',
};

export const omitNoneKey: AnnotationKey<boolean> = {
  ...shared,
  name: 'session-cookie-conditional-samesite-none',
  parse: goBool,
  risk: 'low',
  defaultText: '`false`',
  valueText: boolText,
  doc: 'Leaves `SameSite=None` out for browsers that take it for `Strict`: Chrome 40 to 69, iOS 12, Safari on macOS 10.14.',
};

export const secureKey: AnnotationKey<boolean> = {
  ...shared,
  name: 'session-cookie-secure',
  parse: goBool,
  risk: 'low',
  defaultText: 'where the request came by HTTPS',
  valueText: boolText,
  doc: '`true` writes `Secure` always; otherwise it is written where the request came by HTTPS.',
};

export const changeOnFailureKey: AnnotationKey<boolean> = {
  ...shared,
  name: 'session-cookie-change-on-failure',
  parse: goBool,
  risk: 'low',
  defaultText: '`false`',
  valueText: boolText,
  doc: 'When another endpoint answers because the one of the session failed: `true` binds the client to the other one; `false` sends it back to its own with the next request.',
};
