// external-auth: asks a server about each request. The asking is the data plane's (proxy/external-auth); here is what it goes by.
import { foldText } from '../../wire/http1/field-names.ts';
import { removeAliases } from '../../wire/http1/field-value.ts';
import type { Feature, RouteHooks } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { noAuthLocationsKey } from '../no-auth-locations.ts';
import { readValue } from '../values.ts';
import { settingKeys } from './global-keys.ts';
import { annotationKeys, setHeadersKey } from './keys.ts';
import { compile, type ExternalAuthPolicy } from './policy.ts';
import { describeTemplate } from '../request-template.ts';

function describe(policy: ExternalAuthPolicy): string {
  if ('fault' in policy) return 'answer 503, for the server cannot be asked';
  const { server, target, method, signIn, responseFields, cache } = policy.auth;
  const host = server.host ?? '{host}';
  return [
    `ask ${method === '' ? 'GET' : method} ${server.scheme}://${host}:${server.port}${describeTemplate(target)} who may come`,
    signIn === null ? '' : `others sign in at ${describeTemplate(signIn)}`,
    responseFields.length === 0 ? '' : `pass its ${responseFields.join(', ')} on`,
    cache === null ? '' : `remember answers by "${describeTemplate(cache.key)}"`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function prepare(policy: ExternalAuthPolicy): RouteHooks {
  if ('fault' in policy) return { admit: () => ({ status: 503, reason: 'external-auth-denied' }) };
  const names = new Set(policy.auth.responseFields.map(foldText));
  if (names.size === 0) return {};
  // Also for clients that the server was not asked about. What it says itself the data plane adds behind all hooks.
  return { forward: (_request, fields) => removeAliases(fields, names) };
}

export const externalAuth: Feature = defineFeature<ExternalAuthPolicy>({
  name: 'external-auth',
  doc: 'Asks an authentication server who may come, after redirects, limits, lists of addresses and passwords, and where an endpoint is there. What cannot be asked is refused. The guide is [external-authentication.md](../guides/external-authentication.md).',
  keys: annotationKeys,
  settingKeys: [...settingKeys, noAuthLocationsKey],
  after: ['source-ranges'],
  compile,
  configMapOf: (values) => readValue(values, setHeadersKey) ?? null,
  upstreamOf: (policy) => ('auth' in policy ? policy.auth.server.service : null),
  prepare,
  settings: (policy) => ('auth' in policy ? { externalAuth: policy.auth } : {}),
  describe,
});
