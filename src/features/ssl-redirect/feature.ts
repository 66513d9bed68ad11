// ssl-redirect: plain HTTP requests are sent to https, by default where the host has TLS.
import type { Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import {
  exemptPathsKey,
  forceSslRedirectKey,
  namesPortKey,
  preserveTrailingSlashKey,
  redirectCodeKey,
  sslRedirectKey,
} from './keys.ts';
import type { SslRedirectPolicy } from './policy.ts';
import { compileSslRedirect, describeSslRedirect } from './policy.ts';
import { redirectToHttps } from './redirect.ts';

export const sslRedirect: Feature = defineFeature<SslRedirectPolicy>({
  name: 'ssl-redirect',
  doc: 'Redirects plain HTTP requests to HTTPS with 308, by default where the host has TLS. The redirect comes before the backend is looked at, so it is given without endpoints too.',
  keys: [sslRedirectKey, forceSslRedirectKey, preserveTrailingSlashKey, namesPortKey],
  settingKeys: [redirectCodeKey, exemptPathsKey],
  after: ['rewrite'],
  compile: compileSslRedirect,
  prepare: (policy) => ({ admit: (request) => redirectToHttps(policy, request) }),
  describe: describeSslRedirect,
});
