// affinity: a cookie that brings a client back to its endpoint.
import type { CookieAffinity } from '../../model/index.ts';
import type { AnnotationValues, CompileContext, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { renderKey } from '../keys.ts';
import { readValue } from '../values.ts';
import {
  affinityKey,
  changeOnFailureKey,
  domainKey,
  expiresKey,
  maxAgeKey,
  modeKey,
  nameKey,
  omitNoneKey,
  pathKey,
  sameSiteKey,
  secureKey,
} from './keys.ts';

function compile(values: AnnotationValues, context: CompileContext): CookieAffinity | null {
  if (readValue(values, affinityKey) === undefined) return null;
  return {
    mode: readValue(values, modeKey) ?? 'balanced',
    name: readValue(values, nameKey) ?? 'INGRESSCOOKIE',
    path: readValue(values, pathKey) ?? pathOfRule(context),
    domain: readValue(values, domainKey) ?? '',
    expiresSeconds: readValue(values, expiresKey) ?? -1,
    maxAgeSeconds: readValue(values, maxAgeKey) ?? -1,
    sameSite: readValue(values, sameSiteKey) ?? '',
    omitsNoneForOldBrowsers: readValue(values, omitNoneKey) ?? false,
    alwaysSecure: readValue(values, secureKey) ?? false,
    changesOnFailure: readValue(values, changeOnFailureKey) ?? false,
  };
}

/** A pattern is no path that a browser could compare, and a path may hold what would end the attribute. */
function pathOfRule({ path, pathKind, report }: CompileContext): string {
  if (pathKind !== 'regex' && /^\/[!-:<-~]*$/.test(path)) return path;
  const what = pathKind === 'regex' ? 'is a regular expression' : 'holds what a cookie cannot';
  const key = renderKey(pathKey);
  report({
    severity: 'warning',
    code: 'AnnotationInvalid',
    key: renderKey(affinityKey),
    message: `the path ${JSON.stringify(path)} ${what}; without annotation "${key}" the session cookie is for "/"`,
  });
  return '/';
}

export const affinity: Feature = defineFeature<CookieAffinity>({
  name: 'affinity',
  doc: 'Keeps a client at one endpoint by a cookie.',
  keys: [
    affinityKey,
    modeKey,
    nameKey,
    pathKey,
    domainKey,
    expiresKey,
    maxAgeKey,
    sameSiteKey,
    omitNoneKey,
    secureKey,
    changeOnFailureKey,
  ],
  after: ['upstream-hash-by'],
  choosesEndpoint: true,
  compile,
  settings: (policy) => ({ affinity: policy }),
  describe: ({ mode, name }) => `${mode} sessions by cookie "${name}"`,
});
