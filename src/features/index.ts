// The door of features/, and the list of features. Adding one is its folder and one line here.
import { affinity } from './affinity/feature.ts';
import { appRoot } from './app-root/feature.ts';
import { backendProtocol } from './backend-protocol/feature.ts';
import { accessRecord } from './access-record/feature.ts';
import { acme } from './acme/feature.ts';
import { bodySize } from './body-size/feature.ts';
import { buffering } from './buffering/feature.ts';
import { canary } from './canary/feature.ts';
import { clientCertificates } from './client-certificates/feature.ts';
import type { Feature } from './contract.ts';
import { cors } from './cors/feature.ts';
import { externalAuth } from './external-auth/feature.ts';
import { deny } from './deny/feature.ts';
import { redirectMap } from './redirect-map/feature.ts';
import { requestFields } from './request-fields/feature.ts';
import { responseFields } from './response-fields/feature.ts';
import { returnAnswer } from './return/feature.ts';
import { securityFields } from './security-fields/feature.ts';
import { snippets } from './snippets/feature.ts';
import { sortFeatures } from './order.ts';
import { customHeaders } from './custom-headers/feature.ts';
import { errorPages } from './error-pages/feature.ts';
import { hostNames } from './host-names/feature.ts';
import { limits } from './limits/feature.ts';
import { limitRate } from './limit-rate/feature.ts';
import { loadBalance } from './load-balance/feature.ts';
import { mirror } from './mirror/feature.ts';
import { nextUpstream } from './next-upstream/feature.ts';
import { passwords } from './passwords/feature.ts';
import { quirks } from './quirks/feature.ts';
import { redirect } from './redirect/feature.ts';
import { responseRewrite } from './response-rewrite/feature.ts';
import { rewrite } from './rewrite/feature.ts';
import { satisfy } from './satisfy/feature.ts';
import { sourceRanges } from './source-ranges/feature.ts';
import { sslCiphers } from './ssl-ciphers/feature.ts';
import { sslPassthrough } from './ssl-passthrough/feature.ts';
import { serviceUpstream } from './service-upstream/feature.ts';
import { sslRedirect } from './ssl-redirect/feature.ts';
import { timeouts } from './timeouts/feature.ts';
import { tracing } from './tracing/feature.ts';
import { trailingSlash } from './trailing-slash/feature.ts';
import { upstreamHashBy } from './upstream-hash-by/feature.ts';
import { upstreamRequest } from './upstream-request/feature.ts';
import { upstreamTls } from './upstream-tls/feature.ts';

export { type AccessCheck, type AccessHook, lacksCredentials, makeAccessCheck } from './access.ts';
export * from './contract.ts';
export { type DialectEntry, dialectEntries, type DialectSupport, supportWords } from './dialect/entries.ts';
export { defaultPrefixes, renderKey } from './keys.ts';
export { sortFeatures } from './order.ts';
export { goBool, goInt, readValue, refuseControls } from './values.ts';
export * from './external-auth/expand.ts';
export * from './prepare.ts';
export { CanaryDecision, type CanaryVerdict } from './canary/decision.ts';
export { canaryPolicies, type CanaryRule, readCanary } from './canary/feature.ts';
export { parseRecordTemplate, parseRequestTemplate } from './text-template.ts';
export { readPlainPart } from './plain-part.ts';
export * from './client-certificates/keys.ts';
export { preferServerCiphersKey, sslCiphersKey } from './ssl-ciphers/feature.ts';
export * from './ssl-ciphers/tls-lists.ts';
export { passthroughProxyProtocolKey, sslPassthroughKey } from './ssl-passthrough/feature.ts';
export { readAliases, redirectPolicies, wantsWwwRedirect } from './host-names/feature.ts';
export { wantsServiceAddress } from './service-upstream/feature.ts';
export * from './quirks/declarations.ts';
export { changeQuirks, quirksKey } from './quirks/feature.ts';
export { trailingSlashPolicy } from './trailing-slash/feature.ts';
export { forcesHostRegex, hasRegexMeta, wantsRegex } from './rewrite/regex-paths.ts';

/** In the order in which they act on a request (the order of ingress-nginx, as far as it can be observed). */
export const features: readonly Feature[] = sortFeatures([
  hostNames,
  customHeaders,
  bodySize,
  appRoot,
  cors,
  deny,
  redirectMap,
  redirect,
  returnAnswer,
  rewrite,
  sslPassthrough,
  sslRedirect,
  limits,
  limitRate,
  sourceRanges,
  passwords,
  satisfy,
  externalAuth,
  mirror,
  timeouts,
  buffering,
  errorPages,
  nextUpstream,
  loadBalance,
  upstreamHashBy,
  affinity,
  canary,
  serviceUpstream,
  backendProtocol,
  upstreamTls,
  upstreamRequest,
  responseRewrite,
  securityFields,
  requestFields,
  responseFields,
  accessRecord,
  tracing,
  snippets,
  sslCiphers,
  clientCertificates,
  acme,
  trailingSlash,
  quirks,
]);
