// mirror: a copy of each request for another server. The copying is the data plane's (proxy/mirror); here is what it goes by.
import type { AuthTemplate, Mirror } from '../../model/index.ts';
import type { AnnotationKey, AnnotationValues, CompileContext, Feature, ParseResult } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { renderKey } from '../keys.ts';
import { readServer } from '../remote-server.ts';
import { describeTemplate, parseTemplate, variableText } from '../request-template.ts';
import { onOff, readValue, textOf } from '../values.ts';

const maxTextLength = 2_048;
const maxHostLength = 253;
const shared = { dialect: 'nginx', scope: 'route', onInvalid: 'default' } as const;

/** Scheme, host and port, and what is behind them: `$request_uri` may follow without a slash. */
const authority =
  /^(https?:\/\/(?:[\w.-]|\$host\b|\$namespace\b|\$\{host\}|\$\{namespace\})+(?::[0-9]{1,5})?)(.*)$/;

const targetKey: AnnotationKey<string> = {
  ...shared,
  name: 'mirror-target',
  parse: (text) =>
    bounded(text, maxTextLength, authority, 'a URL such as "https://mirror.example.com$request_uri"'),
  risk: 'high',
  defaultText: 'none',
  valueText: `an \`http\` or \`https\` URL of letters, digits and \`- . _ ~ / : ^ $ [ ] ( ) { } * + ? | & = \\\`, with the variables \`${variableText}\``,
  doc: 'Sends a copy of each request that is let in to this server as well, and throws its answer away. The copy has the method and the fields of the request and what the proxy tells endpoints of the client; `$request_uri` at the end keeps its path and query. The host holds no variables but `$host` and `$namespace`; a name `SERVICE.NAMESPACE.svc` is known without DNS. A mirror never delays or fails a request: its copy leaves when the body is complete (at most 1 MiB), and what is too much (a larger body, over 100 copies or 8 MiB under way for one Ingress and worker) is dropped and counted in `sallyport_mirrored_requests_total`. Upgrades and copies of copies are not copied.',
};

const bodyKey: AnnotationKey<boolean> = {
  ...shared,
  name: 'mirror-request-body',
  parse: onOff,
  risk: 'low',
  defaultText: '`on`',
  valueText: '`on` or `off`',
  doc: '`off`: the copy has no body, and is sent at once.',
};

const hostKey: AnnotationKey<string> = {
  ...shared,
  name: 'mirror-host',
  parse: (text) => bounded(text, maxHostLength, /^[\w.:${}[\]-]+$/, 'a host name, with an optional port'),
  risk: 'high',
  defaultText: 'the host of `mirror-target`',
  valueText: 'a host name; the variables of `mirror-target`',
  doc: '`Host` of the copy.',
};

const verifyKey: AnnotationKey<boolean> = {
  ...shared,
  dialect: 'sallyport',
  name: 'mirror-verify',
  parse: onOff,
  risk: 'medium',
  defaultText: '`on`',
  valueText: '`on` or `off`',
  doc: '`off`: the certificate of an `https` mirror need not be valid, as in ingress-nginx.',
};

function bounded(text: string, maxLength: number, shape: RegExp, wanted: string): ParseResult<string> {
  const parsed = textOf('regex')(text);
  if ('wanted' in parsed || (text.length <= maxLength && shape.test(parsed.value))) return parsed;
  return { wanted: `${wanted}, of at most ${maxLength} characters` };
}

function compile(values: AnnotationValues, context: CompileContext): Mirror | null {
  const url = readValue(values, targetKey);
  if (url === undefined) return null;
  const [, address = url, target = ''] = authority.exec(url) ?? [];
  const server = readServer(address, context, undefined);
  if (typeof server === 'string') return report(context, targetKey, server);
  const { scheme, host, port, service } = server;
  const path = /^[/$]/.test(target) ? target : `/${target}`;
  const parts = readTemplate(path, targetKey, context);
  const hostText = readValue(values, hostKey) ?? host ?? '$host';
  const hostParts = readTemplate(hostText, hostKey, context);
  if (parts === null || hostParts === null) return null;
  const verifies = readValue(values, verifyKey) ?? true;
  return {
    server: { scheme, host, port, service, verifies, allowsLoopback: context.allowsLoopback },
    target: parts,
    host: hostParts,
    copiesBody: readValue(values, bodyKey) ?? true,
  };
}

function readTemplate(text: string, key: AnnotationKey, context: CompileContext): AuthTemplate | null {
  const parsed = parseTemplate(text, { namespace: context.namespace });
  if ('template' in parsed) return parsed.template;
  return report(context, key, `has "${parsed.unknown}", wanted one of ${variableText}`);
}

function report(context: CompileContext, key: AnnotationKey, what: string): null {
  const name = renderKey(key);
  const message = `annotation "${name}" ${what}; nothing is mirrored`;
  context.report({ severity: 'error', code: 'AnnotationInvalid', key: name, message });
  return null;
}

function describe({ server, target, copiesBody }: Mirror): string {
  const address = `${server.scheme}://${server.host ?? '{host}'}:${server.port}${describeTemplate(target)}`;
  return `send a copy${copiesBody ? '' : ' without body'} to ${address}`;
}

export const mirror: Feature = defineFeature<Mirror>({
  name: 'mirror',
  doc: 'Sends a copy of each request to another server, whose answer is thrown away; see the [guide](../guides/mirroring.md).',
  keys: [targetKey, bodyKey, hostKey, verifyKey],
  after: ['external-auth'],
  compile,
  upstreamOf: ({ server }) => server.service,
  settings: (policy) => ({ mirror: policy }),
  describe,
});
