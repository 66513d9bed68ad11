// The annotations of external authentication.
import type { AuthLifetime, ObjectKey } from '../../model/index.ts';
import type { AnnotationKey } from '../contract.ts';
import { goBool, goInt } from '../values.ts';
import { parseLifetimes } from './lifetimes.ts';
import { variableText } from '../request-template.ts';
import { blankOr, methodsText, parseMethod, parseNames, parseObjectKey, parseServerText } from './values.ts';

const common = {
  dialect: 'nginx',
  scope: 'route',
  risk: 'medium',
  onInvalid: 'deny',
  defaultText: 'none',
} as const;
export const switchText = '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)';

export const urlKey: AnnotationKey<string | null> = {
  ...common,
  name: 'auth-url',
  parse: parseServerText,
  risk: 'high',
  valueText: `\`http://\` or \`https://\`, a host, maybe a port, path and query; variables \`${variableText}\`, in the host only \`$host\` and \`$namespace\``,
  doc: 'A server that is asked about each request, with its fields and without its body. 2xx lets it in; 401 and 403 are the answer, with the `WWW-Authenticate` of the server; anything else, and no answer, is 500. The server gets `X-Original-URL`, `X-Original-Method`, `X-Real-IP`, `X-Forwarded-For`, `X-Request-ID`, `X-Sent-From: nginx-ingress-controller`, `X-Auth-Request-Redirect` and, by client certificates, `ssl-client-*`. A blank value, a variable that is not on the list, and `$host` where any host may be asked for deny the paths.',
};

export const methodKey: AnnotationKey<string | undefined> = {
  ...common,
  name: 'auth-method',
  parse: parseMethod,
  risk: 'low',
  defaultText: '`GET`',
  valueText: `one of \`${methodsText}\``,
  doc: 'Method of the question. Where it is set the server gets `X-Original-URI` and `X-Scheme`, too.',
};

export const signInKey: AnnotationKey<string | undefined> = {
  ...common,
  name: 'auth-signin',
  parse: blankOr('url+var'),
  risk: 'high',
  onInvalid: 'default',
  valueText: 'a URL, with the variables of `auth-url`',
  doc: 'Where clients are redirected (302) that would be answered 401, with what they asked for in an argument, unless the URL has that argument already. Clients of gRPC are answered 401 all the same.',
};

export const redirectParamKey: AnnotationKey<string | undefined> = {
  ...common,
  name: 'auth-signin-redirect-param',
  parse: blankOr('url'),
  onInvalid: 'default',
  defaultText: '`rd`',
  valueText: 'letters, digits and `- . _ ~ / : , ? & =`',
  doc: 'The name of that argument.',
};

export const responseHeadersKey: AnnotationKey<readonly string[] | null | undefined> = {
  ...common,
  name: 'auth-response-headers',
  parse: parseNames,
  valueText: 'names of fields with commas between',
  doc: 'Fields of the answer that the endpoint gets. Those that the client sent under the same names, in whatever spelling, never reach it. Fields that frame a message (`Host`, `Content-Length`, …) are refused.',
};

export const requestRedirectKey: AnnotationKey<string | undefined> = {
  ...common,
  name: 'auth-request-redirect',
  parse: blankOr('url'),
  defaultText: 'path and query of the request',
  valueText: 'letters, digits and `- . _ ~ / : , ? & =`',
  doc: 'The field `X-Auth-Request-Redirect` of the question. In ingress-nginx a bad value serves the paths without authentication.',
};

export const alwaysSetCookieKey: AnnotationKey<boolean> = {
  ...common,
  name: 'auth-always-set-cookie',
  parse: goBool,
  risk: 'low',
  defaultText: '`false`',
  valueText: switchText,
  doc: 'Cookies of the answer reach the client with every response, not only with status 200, 201, 204, 206, 301, 302, 303, 304, 307 and 308. In ingress-nginx a bad value serves the paths without authentication.',
};

export const cacheKeyKey: AnnotationKey<string | undefined> = {
  ...common,
  name: 'auth-cache-key',
  parse: blankOr('nginx-var'),
  onInvalid: 'default',
  defaultText: 'none: every request is asked about',
  valueText: 'letters, digits, `-`, `_` and the variables of `auth-url`',
  doc: 'Answers count for all requests of the same rule and host for which this gives the same, and requests that come meanwhile wait for the same answer. Answers with cookies, with `Cache-Control: no-store`, `no-cache` or `private`, or with a `Vary` that the key does not cover are for one request only.',
};

export const cacheDurationKey: AnnotationKey<readonly AuthLifetime[] | undefined> = {
  ...common,
  name: 'auth-cache-duration',
  parse: parseLifetimes,
  defaultText: '`200 202 401 5m`',
  valueText:
    'statuses and a time (`ms s m h d w M y`), several with commas between; without statuses 200, 301 and 302 are meant',
  doc: 'How long answers count, by their status; `max-age` of the answer shortens it. In ingress-nginx a bad value serves the paths without authentication.',
};

export const setHeadersKey: AnnotationKey<ObjectKey | undefined> = {
  ...common,
  name: 'auth-proxy-set-headers',
  parse: parseObjectKey,
  valueText: 'a ConfigMap of the namespace of the Ingress, `NAMESPACE/NAME`',
  doc: 'Further fields of the question, in place of those of the same names: each key is a name, its text a value, with the variables of `auth-url`; an empty one takes the field away. Followed while it changes. While the ConfigMap is missing, of another namespace, or has a field that frames a message, the paths answer 503.',
};

const count = { ...common, parse: goInt, risk: 'low', onInvalid: 'default' } as const;

export const keepAliveKey: AnnotationKey<number> = {
  ...count,
  name: 'auth-keepalive',
  defaultText: 'as for endpoints',
  valueText: 'a whole number',
  doc: 'Connections to an address of the server that wait for the next question, at most; `0` and less: none. In ingress-nginx there are none unless this is set.',
};

export const keepAliveRequestsKey: AnnotationKey<number> = {
  ...count,
  name: 'auth-keepalive-requests',
  defaultText: '`1000`',
  valueText: 'a whole number',
  doc: 'With `auth-keepalive`: questions on one connection; `0` and less: connections are not kept.',
};

export const keepAliveTimeoutKey: AnnotationKey<number> = {
  ...count,
  name: 'auth-keepalive-timeout',
  defaultText: '`60`',
  valueText: 'seconds, a whole number',
  doc: 'With `auth-keepalive`: how long a connection waits; `0` and less: connections are not kept.',
};

export const shareVarsKey: AnnotationKey<boolean> = {
  ...common,
  name: 'auth-keepalive-share-vars',
  parse: goBool,
  risk: 'low',
  onInvalid: 'default',
  defaultText: '`false`',
  valueText: switchText,
  doc: 'Accepted and without effect: there are no variables of nginx to share.',
};

export const enableGlobalKey: AnnotationKey<boolean> = {
  ...common,
  name: 'enable-global-auth',
  parse: goBool,
  risk: 'low',
  onInvalid: 'default',
  defaultText: '`true`',
  valueText: switchText,
  doc: 'With `false` the server of the setting `global-auth-url` is not asked.',
};

export const verifyKey: AnnotationKey<boolean> = {
  ...common,
  name: 'auth-url-verify',
  dialect: 'sallyport',
  parse: goBool,
  defaultText: '`true`',
  valueText: switchText,
  doc: 'Whether the certificate of an `https` server must be valid for its name, by the authorities of the system. ingress-nginx never verifies it.',
};

export const annotationKeys: readonly AnnotationKey[] = [
  urlKey,
  methodKey,
  signInKey,
  redirectParamKey,
  responseHeadersKey,
  requestRedirectKey,
  setHeadersKey,
  alwaysSetCookieKey,
  cacheKeyKey,
  cacheDurationKey,
  keepAliveKey,
  keepAliveRequestsKey,
  keepAliveTimeoutKey,
  shareVarsKey,
  enableGlobalKey,
  verifyKey,
];
