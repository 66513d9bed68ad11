// What replaces a directive of nginx: for each one a sentence with the annotation and the very value, and whether leaving the directive out
// would let somebody in.
import { parseFieldLines, parseFieldNames, type FieldRules } from '../field-changes.ts';
import { removableFieldRules, requestFieldRules, responseFieldRules } from '../field-rules.ts';
import { adviseCondition, adviseRewrite } from './conditions.ts';
import type { Directive } from './directives.ts';
import { type Advice, nginxKey, none, ownKey, use } from './words.ts';

type Adviser = (directive: Directive) => Advice;

const harmless = (text: string): Advice => ({ text, isProtective: false });
const guarded = (text: string): Advice => ({ text, isProtective: true });

/** The value, if the annotation would take it. */
function fieldLine(key: string, line: string, rules: FieldRules): Advice {
  const parsed = parseFieldLines(line, rules);
  return harmless('value' in parsed ? use(ownKey(key), line) : `${none} (wanted ${parsed.wanted})`);
}

function fieldNames(key: string, names: readonly string[], rules: FieldRules): Advice {
  const text = names.join(', ');
  const parsed = parseFieldNames(text, rules);
  return harmless('value' in parsed ? use(ownKey(key), text) : `${none} (wanted ${parsed.wanted})`);
}

function addHeader({ args: [name = '', value = ''] }: Directive): Advice {
  if (name.toLowerCase() === 'strict-transport-security')
    return harmless('use the settings "hsts", "hsts-max-age" and their kind of the ConfigMap');
  return fieldLine('response-headers-add', `${name}: ${value}`, responseFieldRules);
}

/** `-s` and `-t` take a list; the conditions are lost. */
function withoutOptions(args: readonly string[]): string[] {
  return args.filter((arg, index) => !/^-[a-z]$/.test(arg) && !/^-[st]$/.test(args[index - 1] ?? ''));
}

function moreSet(key: string, rules: FieldRules): Adviser {
  return ({ args }) => fieldLine(key, withoutOptions(args).join('\n'), rules);
}

function moreClear(key: string, rules: FieldRules): Adviser {
  return ({ args }) => fieldNames(key, withoutOptions(args), rules);
}

function setRequestHeader({ args: [name = '', value = ''] }: Directive): Advice {
  const lower = name.toLowerCase();
  if (lower === 'host') return harmless(use(nginxKey('upstream-vhost'), value));
  if (lower === 'upgrade' || lower === 'connection')
    return harmless('leave it out: WebSockets work without it');
  if (/^x-(?:forwarded-|real-ip$|request-id$|scheme$)/.test(lower))
    return harmless('leave it out: endpoints are told so without it');
  if (value === '') return fieldNames('request-headers-remove', [name], requestFieldRules);
  return fieldLine('request-headers-set', `${name}: ${value}`, requestFieldRules);
}

function returnAdvice({ args }: Directive): Advice {
  const [status = ''] = args;
  const value = status === '444' ? '403' : /^[0-9]+$/.test(status) ? args.join(' ') : `302 ${status}`;
  return { text: use(ownKey('return'), value), isProtective: /^[45]/.test(status) };
}

/** `60`, `60s`, `5m`, `1h`: whole seconds. */
function timeout(key: string): Adviser {
  return ({ args: [text = ''] }) => {
    const [, digits = '', unit = ''] = /^([0-9]+)(ms|[smhd]?)$/.exec(text) ?? [];
    const factor = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400, '': 1 }[unit] ?? 1;
    return harmless(use(nginxKey(key), digits === '' ? text : String(Math.ceil(Number(digits) * factor))));
  };
}

const sameValue =
  (key: string): Adviser =>
  ({ args }) =>
    harmless(use(nginxKey(key), args.join(' ')));

function addressRule({ name, args: [who = ''] }: Directive): Advice {
  if (who === 'all') {
    return guarded(
      name === 'deny'
        ? `list who may come in annotation "${nginxKey('allowlist-source-range')}"`
        : 'leave it out: nobody is refused without a list',
    );
  }
  return guarded(use(nginxKey(name === 'deny' ? 'denylist-source-range' : 'allowlist-source-range'), who));
}

const fixed =
  (advice: Advice): Adviser =>
  () =>
    advice;

const compress = fixed(harmless('no annotation replaces it: let the endpoint compress'));
const tuning = fixed(harmless('leave it out: buffers grow as they are needed, and are bounded'));
const login = fixed(guarded(`use annotations "${nginxKey('auth-type')}" and "${nginxKey('auth-secret')}"`));

const advisers: Readonly<Record<string, Adviser>> = {
  add_header: addHeader,
  more_set_headers: moreSet('response-headers-set', responseFieldRules),
  more_clear_headers: moreClear('response-headers-remove', removableFieldRules),
  proxy_hide_header: moreClear('response-headers-remove', removableFieldRules),
  more_set_input_headers: moreSet('request-headers-set', requestFieldRules),
  more_clear_input_headers: moreClear('request-headers-remove', requestFieldRules),
  proxy_set_header: setRequestHeader,
  grpc_set_header: setRequestHeader,
  return: returnAdvice,
  if: (directive) => adviseCondition(directive, adviseBlock),
  rewrite: adviseRewrite,
  location: ({ args, block }) => ({
    text: `give the path ${JSON.stringify(args.at(-1) ?? '')} an Ingress of its own with these annotations: ${adviseBlock(
      block,
    )
      .map(({ text }) => text)
      .join('; ')}`,
    isProtective: adviseBlock(block).some(({ isProtective }) => isProtective),
  }),
  deny: addressRule,
  allow: addressRule,
  limit_except: ({ args }) => guarded(use(ownKey('allow-methods'), args.join(', '))),
  limit_req: fixed(guarded(`use annotation "${nginxKey('limit-rps')}" or "${nginxKey('limit-rpm')}"`)),
  limit_conn: fixed(guarded(`use annotation "${nginxKey('limit-connections')}"`)),
  limit_rate: fixed(harmless(none)),
  auth_basic: login,
  auth_basic_user_file: login,
  auth_request: fixed(guarded(`use annotation "${nginxKey('auth-url')}"`)),
  satisfy: ({ args }) => guarded(use(nginxKey('satisfy'), args.join(' '))),
  ssl_verify_client: fixed(guarded(`use annotation "${nginxKey('auth-tls-secret')}"`)),
  ssl_client_certificate: fixed(guarded(`use annotation "${nginxKey('auth-tls-secret')}"`)),
  ssl_ciphers: sameValue('ssl-ciphers'),
  proxy_ssl_verify: ({ args }) => guarded(use(nginxKey('proxy-ssl-verify'), args.join(' '))),
  valid_referers: fixed(guarded(`use annotation "${ownKey('deny-referers')}"`)),
  client_max_body_size: sameValue('proxy-body-size'),
  proxy_read_timeout: timeout('proxy-read-timeout'),
  proxy_send_timeout: timeout('proxy-send-timeout'),
  proxy_connect_timeout: timeout('proxy-connect-timeout'),
  proxy_next_upstream: sameValue('proxy-next-upstream'),
  proxy_next_upstream_tries: sameValue('proxy-next-upstream-tries'),
  proxy_next_upstream_timeout: timeout('proxy-next-upstream-timeout'),
  proxy_cookie_path: sameValue('proxy-cookie-path'),
  proxy_cookie_domain: sameValue('proxy-cookie-domain'),
  proxy_redirect: fixed(
    harmless(`use annotations "${nginxKey('proxy-redirect-from')}" and "${nginxKey('proxy-redirect-to')}"`),
  ),
  access_log: ({ args: [where = ''] }) =>
    harmless(where === 'off' ? use(nginxKey('enable-access-log'), 'false') : none),
  server_tokens: fixed(harmless('use the setting "server-tokens" of the ConfigMap')),
  expires: fixed(
    harmless(
      `use annotation "${ownKey('response-headers-set')}" with a line "Cache-Control: max-age=SECONDS"`,
    ),
  ),
  default_type: sameOwn('return-type'),
  large_client_header_buffers: fixed(
    harmless('use the setting "large-client-header-buffers" of the ConfigMap'),
  ),
  underscores_in_headers: fixed(harmless('use the setting "enable-underscores-in-headers" of the ConfigMap')),
  gzip: compress,
  gzip_types: compress,
  gzip_min_length: compress,
  gzip_comp_level: compress,
  gzip_vary: compress,
  gzip_proxied: compress,
  brotli: compress,
  proxy_buffer_size: tuning,
  proxy_buffers: tuning,
  proxy_busy_buffers_size: tuning,
  proxy_buffering: tuning,
  proxy_request_buffering: tuning,
  client_body_buffer_size: tuning,
  set: fixed(harmless(`${none}; variables of your own are not there`)),
  sub_filter: fixed(harmless(none)),
  sub_filter_once: fixed(harmless(none)),
  sub_filter_types: fixed(harmless(none)),
  keepalive_timeout: fixed(harmless('use the setting "keep-alive" of the ConfigMap')),
  proxy_http_version: fixed(
    harmless('leave it out: endpoints get HTTP/1.1, or HTTP/2 by "backend-protocol"'),
  ),
  charset: fixed(harmless(none)),
  etag: fixed(harmless(none)),
  error_log: fixed(harmless(none)),
  log_not_found: fixed(harmless('leave it out: nothing is logged of it')),
  proxy_intercept_errors: fixed(harmless(none)),
  error_page: fixed(harmless(`use annotation "${nginxKey('custom-http-errors')}"`)),
};

function sameOwn(key: string): Adviser {
  return ({ args }) => harmless(use(ownKey(key), args.join(' ')));
}

function adviseBlock(block: Directive['block']): Advice[] {
  return (block ?? []).map(advise);
}

/** Of a directive that nobody here knows it cannot be told whether it keeps somebody out: it counts as if. */
export function advise(directive: Directive): Advice {
  const adviser = Object.hasOwn(advisers, directive.name) ? advisers[directive.name] : undefined;
  return adviser?.(directive) ?? guarded(`${none}, and it may keep somebody out`);
}
