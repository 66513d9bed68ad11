// Keys of the ConfigMap of ingress-nginx that are not followed here, each with the reason: so that nobody takes them for followed or
// for a typing mistake. A key that a declaration elsewhere reads counts as that.

/**
 * `ignored`: nobody can see the difference, or another key or flag says it. `missing`: what it asks for is not done. `refused`: it is not done on
 * purpose.
 */
export type ForeignSupport = 'ignored' | 'missing' | 'refused';

export interface ForeignSetting {
  readonly support: ForeignSupport;
  /** The value that asks for nothing else than what is done; empty: only the empty one does. */
  readonly default: string;
  readonly reason: string;
}

/** Keys for the same reason. */
interface ForeignGroup extends ForeignSetting {
  /** With blanks between. */
  readonly names: string;
}

const groups: readonly ForeignGroup[] = [
  {
    names: 'strict-validate-path-type',
    support: 'ignored',
    default: '',
    reason:
      'A path is data and never text of a configuration: any that the API takes is compared as it stands.',
  },
  {
    names: 'access-log-params access-log-path http-access-log-path stream-access-log-path',
    support: 'ignored',
    default: '',
    reason: 'The flag `--access-log-path` says where the log goes.',
  },
  {
    names: 'allow-snippet-annotations',
    support: 'refused',
    default: 'false',
    reason:
      'Annotations with text of a configuration of nginx are not supported, and whoever may write them could read every Secret.',
  },
  {
    names: 'bind-address',
    support: 'ignored',
    default: '',
    reason: 'The flag `--bind` says where to listen.',
  },
  {
    names: 'client-body-buffer-size client-header-buffer-size grpc-buffer-size-kb',
    support: 'ignored',
    default: '',
    reason: 'Buffers grow as they are needed, and are bounded.',
  },
  {
    names:
      'debug-connections enable-aio-write enable-multi-accept enable-serial-reloads lua-shared-dicts map-hash-bucket-size max-worker-open-files proxy-headers-hash-bucket-size proxy-headers-hash-max-size reuse-port server-name-hash-bucket-size server-name-hash-max-size variables-hash-bucket-size variables-hash-max-size worker-cpu-affinity worker-processes',
    support: 'ignored',
    default: '',
    reason: 'Tuning of nginx. Nobody outside can see it.',
  },
  {
    names: 'default-type',
    support: 'ignored',
    default: 'text/html',
    reason:
      'nginx gives it to files that it serves itself. Responses of endpoints without a type stay without one; pages of this program are `text/html`.',
  },
  {
    names: 'disable-ipv6',
    support: 'ignored',
    default: 'false',
    reason: 'The flag `--bind` says where to listen.',
  },
  {
    names: 'disable-ipv6-dns',
    support: 'ignored',
    default: 'false',
    reason: 'Names of external Services are looked up for both families.',
  },
  {
    names: 'disable-stream-access-log enable-access-log-for-default-backend enable-auth-access-log',
    support: 'ignored',
    default: 'false',
    reason: 'Every HTTP request has its line, and TCP services have none.',
  },
  {
    names: 'enable-modsecurity enable-owasp-modsecurity-crs',
    support: 'refused',
    default: 'false',
    reason: 'There is no application firewall here: requests are not filtered by it.',
  },
  {
    names: 'enable-syslog syslog-host syslog-port',
    support: 'missing',
    default: '',
    reason: 'The log goes to standard output or a file.',
  },
  {
    names: 'error-log-level error-log-path',
    support: 'ignored',
    default: '',
    reason: 'The flags `--log-level` and `--log-format` say how this program logs.',
  },
  {
    names: 'forwarded-for-proxy-protocol-header',
    support: 'ignored',
    default: 'X-Forwarded-For-Proxy-Protocol',
    reason: 'The address of a PROXY protocol header is the address of the peer.',
  },
  {
    names: 'forwarded-host-header',
    support: 'missing',
    default: 'X-Forwarded-Host',
    reason: '`X-Forwarded-Host` is the field that is read and handed on as `X-Original-Forwarded-Host`.',
  },
  {
    names: 'geoip2-autoreload-in-minutes',
    support: 'ignored',
    default: '0',
    reason: 'Acts with `use-geoip2` only.',
  },
  {
    names:
      'global-auth-snippet http-snippet location-snippet main-snippet modsecurity-snippet server-snippet stream-snippet',
    support: 'refused',
    default: '',
    reason: 'Text of a configuration of nginx has no meaning here.',
  },
  {
    names:
      'global-rate-limit-memcached-connect-timeout global-rate-limit-memcached-host global-rate-limit-memcached-max-idle-timeout global-rate-limit-memcached-pool-size global-rate-limit-memcached-port global-rate-limit-status-code',
    support: 'ignored',
    default: '',
    reason: 'Removed from ingress-nginx, too.',
  },
  {
    names: 'http2-max-field-size http2-max-header-size http2-max-requests',
    support: 'ignored',
    default: '',
    reason:
      'Without effect in ingress-nginx, too. The flag `--http2-max-header-size` bounds the fields of a request.',
  },
  {
    names: 'ignore-invalid-headers',
    support: 'refused',
    default: 'true',
    reason:
      'A request with an invalid field name is answered 400: dropping lines that another reader may take is how requests are smuggled.',
  },
  {
    names: 'limit-conn-zone-variable',
    support: 'missing',
    default: '$binary_remote_addr',
    reason: 'Limits count by the address of the client; of IPv6 by its network.',
  },
  {
    names: 'log-format-escape-none',
    support: 'refused',
    default: 'false',
    reason: 'Text of requests is always escaped: a line of the log cannot be forged.',
  },
  {
    names: 'log-format-stream',
    support: 'missing',
    default: '',
    reason: 'TCP and UDP services have metrics, and no log.',
  },
  {
    names: 'max-worker-connections',
    support: 'ignored',
    default: '16384',
    reason: 'The flag `--max-worker-connections` says it; it cannot change while a worker runs.',
  },
  {
    names: 'nginx-status-ipv4-whitelist nginx-status-ipv6-whitelist',
    support: 'ignored',
    default: '',
    reason: 'There is no `/nginx_status`; metrics are at the admin listener.',
  },
  {
    names: 'opentelemetry-config',
    support: 'ignored',
    default: '',
    reason: 'There is no file with settings of traces: the other keys say all of it.',
  },
  {
    names: 'proxy-buffers-number proxy-busy-buffers-size proxy-max-temp-file-size',
    support: 'ignored',
    default: '',
    reason: 'The flags `--max-response-head` and `--buffer-size` bound what is kept of a response.',
  },
  {
    names: 'proxy-buffering',
    support: 'ignored',
    default: 'off',
    reason: 'Responses are passed on as they come, with bounded memory.',
  },
  {
    names: 'proxy-http-version',
    support: 'ignored',
    default: '1.1',
    reason:
      'Endpoints get HTTP/1.1, or HTTP/2 where the annotation `backend-protocol` or the Service says so.',
  },
  {
    names: 'proxy-request-buffering',
    support: 'ignored',
    default: 'on',
    reason: 'Request bodies are passed on as they come; what was not sent yet can be sent again.',
  },
  {
    names: 'proxy-ssl-location-only',
    support: 'ignored',
    default: 'false',
    reason: 'TLS to endpoints always acts on the paths of its own Ingress only.',
  },
  {
    names:
      'proxy-stream-next-upstream proxy-stream-next-upstream-timeout proxy-stream-next-upstream-tries proxy-stream-responses',
    support: 'ignored',
    default: '',
    reason:
      'A TCP connection that an endpoint refuses goes to another one; UDP sessions end by their silence.',
  },
  {
    names: 'ssl-buffer-size',
    support: 'ignored',
    default: '4k',
    reason: 'Tuning of nginx. Nobody outside can see it.',
  },
  {
    names: 'ssl-dh-param',
    support: 'ignored',
    default: '',
    reason: 'No cipher with finite-field Diffie-Hellman is offered.',
  },
  {
    names: 'ssl-early-data',
    support: 'refused',
    default: 'false',
    reason: 'Early data can be replayed by anybody who saw it.',
  },
  {
    names: 'ssl-session-cache ssl-session-cache-size',
    support: 'ignored',
    default: '',
    reason: 'Sessions are kept by the clients as tickets; there is no cache.',
  },
  {
    names: 'ssl-session-ticket-key',
    support: 'missing',
    default: '',
    reason: 'Ticket keys are made by this program and shared by its workers.',
  },
  {
    names: 'use-geoip use-geoip2',
    support: 'missing',
    default: 'false',
    reason: 'Addresses are not looked up.',
  },
];

export const foreignSettings: ReadonlyMap<string, ForeignSetting> = new Map(
  groups.flatMap(({ names, ...setting }) => names.split(' ').map((name) => [name, setting] as const)),
);

/** What to tell of a foreign key with this value; null: nothing is lost. */
export function describeForeign(
  name: string,
  text: string,
): { severity: 'info' | 'warning'; message: string } | null {
  const setting = foreignSettings.get(name);
  if (setting === undefined || text.trim() === setting.default) return null;
  const { support, reason } = setting;
  const effect =
    support === 'ignored'
      ? 'is accepted without effect'
      : 'is a key of ingress-nginx that has no effect here';
  return {
    severity: support === 'ignored' ? 'info' : 'warning',
    message: `setting "${name}" ${effect}: ${reason.replace(/\.$/, '')}`,
  };
}
