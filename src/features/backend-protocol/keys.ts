// The annotations about what is spoken to endpoints, and what their values are.
import type { ProtocolChoice } from '../../model/index.ts';
import type { AnnotationKey, ParseResult } from '../contract.ts';
import { refuseControls } from '../values.ts';

export type SpokenProtocol = ProtocolChoice | 'fastcgi';

const choices: ReadonlyMap<string, SpokenProtocol> = new Map([
  ['HTTP', 'http'],
  ['HTTPS', 'https'],
  ['AUTO_HTTP', 'auto'],
  ['GRPC', 'h2c'],
  ['GRPCS', 'h2'],
  ['FCGI', 'fastcgi'],
]);

function parseProtocol(text: string): ParseResult<SpokenProtocol> {
  const choice = choices.get(text.toUpperCase());
  if (choice !== undefined) return { value: choice };
  return refuseControls(text) ?? { wanted: '"HTTP", "HTTPS", "AUTO_HTTP", "GRPC", "GRPCS" or "FCGI"' };
}

export const protocolKey: AnnotationKey<SpokenProtocol> = {
  name: 'backend-protocol',
  dialect: 'nginx',
  parse: parseProtocol,
  scope: 'route',
  risk: 'low',
  onInvalid: 'default',
  defaultText: "the `appProtocol` of the Service's port, else `HTTP`",
  valueText: '`HTTP`, `HTTPS`, `AUTO_HTTP`, `GRPC`, `GRPCS` or `FCGI`, in any case',
  doc: 'What is spoken to the endpoints: `HTTP` and `HTTPS` are HTTP/1.1, `GRPC` and `GRPCS` are HTTP/2 (any requests, not only those of gRPC), each in the clear or over TLS (see `proxy-ssl-*`). `AUTO_HTTP` is `HTTPS` for clients that came by TLS, else `HTTP`. `FCGI` is FastCGI, see the guide `docs/guides/fastcgi.md`.',
};

export const indexKey: AnnotationKey<string> = {
  name: 'fastcgi-index',
  dialect: 'nginx',
  parse: (text) =>
    /^[A-Za-z0-9._-]{0,255}$/.test(text)
      ? { value: text }
      : (refuseControls(text) ?? { wanted: 'a file name of letters, digits, ".", "-" and "_"' }),
  scope: 'route',
  risk: 'medium',
  onInvalid: 'reject',
  defaultText: 'empty',
  valueText: 'a file name such as `index.php`',
  doc: 'With `backend-protocol: FCGI`: the script of paths that end with `/`, which `$fastcgi_script_name` and `SCRIPT_NAME` have behind them.',
};

/** Without a `/`: of the namespace of the Ingress. */
export const paramsKey: AnnotationKey<string> = {
  name: 'fastcgi-params-configmap',
  dialect: 'nginx',
  parse: (text) =>
    /^(?:(?:[a-z0-9-]{1,63}\/)?[a-z0-9.-]{1,253})?$/.test(text)
      ? { value: text }
      : (refuseControls(text) ?? { wanted: 'the name of a ConfigMap, or "NAMESPACE/NAME"' }),
  scope: 'route',
  risk: 'medium',
  onInvalid: 'reject',
  defaultText: 'empty',
  valueText: 'a ConfigMap of the namespace of the Ingress, `NAME` or `NAMESPACE/NAME`',
  doc: 'With `backend-protocol: FCGI`: further parameters, in place of those of the same names: each key is a name, its text a value, with variables such as `$document_root$fastcgi_script_name`. Followed while it changes. While the ConfigMap is missing, of another namespace, or has a parameter that cannot be sent, the paths answer 503.',
};
