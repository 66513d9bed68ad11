// upstream-request: single fields of the request that the upstream gets.
import type { AnnotationKey, Feature, RouteSettings } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { readValue, refuseControls } from '../values.ts';

type UpstreamRequestPolicy = Partial<Pick<RouteSettings, 'upstreamHost' | 'connectionField'>>;

const common = {
  dialect: 'nginx',
  scope: 'route',
  risk: 'low',
  onInvalid: 'reject',
  defaultText: 'none',
} as const;
const hostPattern = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?(?::[0-9]{1,5})?$/;

export const upstreamVhostKey: AnnotationKey<string> = {
  ...common,
  name: 'upstream-vhost',
  parse: (text) => {
    if (text.trim() === '') return refuseControls(text) ?? { value: '' };
    if (hostPattern.test(text)) return { value: text };
    return refuseControls(text) ?? { wanted: 'a host name, with a port or without, and without variables' };
  },
  valueText: 'a host name, with a port or without',
  doc: 'The `Host` (`:authority`) that endpoints get instead of the one that was asked for, which `X-Forwarded-Host` keeps telling them. The name for TLS to the endpoints is another matter (`proxy-ssl-name`). Variables of nginx are not supported.',
};

export const connectionKey: AnnotationKey<'' | 'close' | 'keep-alive'> = {
  ...common,
  name: 'connection-proxy-header',
  parse: (text) => {
    if (text === 'close' || text === 'keep-alive') return { value: text };
    if (text.trim() === '') return refuseControls(text) ?? { value: '' };
    return { wanted: '"close" or "keep-alive"' };
  },
  valueText: '`close` or `keep-alive`',
  doc: '`Connection` of the requests that endpoints get over HTTP/1.1, those that ask for a WebSocket excepted.',
};

export const upstreamRequest: Feature = defineFeature<UpstreamRequestPolicy>({
  name: 'upstream-request',
  doc: 'Sets single fields of the requests that endpoints get.',
  keys: [upstreamVhostKey, connectionKey],
  after: [],
  compile: (values) => {
    const upstreamHost = readValue(values, upstreamVhostKey) ?? '';
    const connectionField = readValue(values, connectionKey) ?? '';
    if (upstreamHost === '' && connectionField === '') return null;
    return {
      ...(upstreamHost !== '' && { upstreamHost }),
      ...(connectionField !== '' && { connectionField }),
    };
  },
  settings: (policy) => policy,
  describe: ({ upstreamHost, connectionField }) =>
    [
      upstreamHost === undefined ? '' : `send Host "${upstreamHost}"`,
      connectionField === undefined ? '' : `send Connection "${connectionField}"`,
    ]
      .filter((part) => part !== '')
      .join(', '),
});
