// Writes the reference pages that come from declarations: annotations, flags, problems. With --check it writes nothing and fails
// when a page differs from what it would write.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { checkFlags } from '../src/cli/check.ts';
import { compareFlags } from '../src/cli/compare.ts';
import { liveFlags } from '../src/cli/compare-live.ts';
import { explainFlags } from '../src/cli/explain.ts';
import {
  type FlagTable,
  renderCommandFlagsReference,
  renderControllerFlagsReference,
  renderFlagsReference,
} from '../src/config/index.ts';
import { features, quirkDeclarations, renderKey, settledQuirks } from '../src/features/index.ts';
import type { AnnotationKey, Feature } from '../src/features/index.ts';
import { allControllerSettings } from '../src/translate/all-settings.ts';
import { foreignSettings, type ForeignSupport } from '../src/translate/foreign-settings.ts';
import { serviceAnnotations } from '../src/translate/service-annotation-list.ts';
import { problemCodes, recordVariables, requestVariables } from '../src/model/index.ts';
import type { ProblemCode } from '../src/model/index.ts';
import { renderTable } from './markdown-table.ts';
import { renderDialect } from './render-dialect.ts';

const root = resolve(import.meta.dirname, '..');

const scopeText: Readonly<Record<AnnotationKey['scope'], string>> = {
  route: 'the paths of its Ingress',
  host: 'the whole host, the oldest Ingress decides',
};

const badValueText: Readonly<Record<AnnotationKey['onInvalid'], string>> = {
  default: 'counts as absent',
  reject: 'the last good version of the Ingress stays in force; without one its paths answer 503',
  deny: 'the paths of the Ingress answer 503',
};

function renderFeature(feature: Feature): string {
  const rows = feature.keys.map((key) => [
    `\`${renderKey(key)}\``,
    key.valueText,
    key.defaultText,
    scopeText[key.scope],
    key.risk,
    `${badValueText[key.onInvalid]}${key.isAbsentWhenBlank === true ? '; a blank one counts as absent' : ''}`,
  ]);
  const table = renderTable(['Key', 'Value', 'Default', 'Acts on', 'Risk', 'A bad value'], rows);
  const meanings = feature.keys.map((key) => {
    const setting =
      key.setting === undefined
        ? ''
        : ` The setting \`${key.setting}\` (ConfigMap, class parameters) sets its default.`;
    return `- \`${key.name}\`: ${key.doc}${setting}`;
  });
  return [`## ${feature.name}`, feature.doc, table, meanings.join('\n')].join('\n\n');
}

function renderServiceAnnotations(): string {
  const rows = serviceAnnotations.map(({ name, valueText, defaultText }) => [
    `\`sallyport.dev/${name}\``,
    valueText,
    defaultText,
  ]);
  return [
    '## On Services and EndpointSlices',
    'These stand on a Service, not on an Ingress, and hold for all routes to it. A bad value counts as absent and becomes a problem of the Service.',
    renderTable(['Key', 'Value', 'Default'], rows),
    serviceAnnotations.map(({ name, doc }) => `- \`${name}\`: ${doc}`).join('\n'),
    'An EndpointSlice may have `sallyport.dev/endpoint-weight`, a whole number from 1 to 256: the part of the requests that each of its endpoints gets, compared with others, whose weight is 1.',
  ].join('\n\n');
}

function renderAnnotations(): string {
  const intro = [
    '# Annotations',
    'This page is made from the declarations in `src/features/` by `npm run docs`; edit them there.',
    [
      'Features act on a request in the order of this page, below the table of what comes from ingress-nginx.',
      'A value is taken whole or not at all; values with CR, LF or NUL are always bad.',
      'Every bad value and every unknown key under our prefixes becomes a problem of its Ingress (see [problems](problems.md)).',
    ].join('\n'),
  ];
  return `${[...intro, renderDialect(), ...features.map(renderFeature), renderServiceAnnotations()].join('\n\n')}\n`;
}

/** What each code means and what its owner can do; told once here, because messages carry the particulars. */
const problemText: Readonly<Record<ProblemCode, string>> = {
  InvalidObject:
    'The object fails the validation of the Kubernetes API; its last good version, if there is one, stays in force.',
  DeprecatedVersion:
    'The object is written in an API version that Kubernetes no longer serves; it was converted.',
  DeprecatedClassAnnotation:
    'The annotation `kubernetes.io/ingress.class` is used, wanted is `spec.ingressClassName`.',
  ClassNotServed: 'An Ingress is left alone because of its class; only `check` and `explain` say so.',
  SeveralDefaultClasses:
    'Several IngressClasses are marked as the default one; the class of an Ingress without class is unclear.',
  ServiceNotFound:
    'A backend names a Service that does not exist; its requests get 503, those of the default backend of the controller 404.',
  PortNotFound:
    'A backend names a port that its Service does not have; its requests get 503, those of the default backend of the controller 404.',
  NoEndpoints:
    'A Service has no endpoint that could take a request; its requests get 503, those of the default backend of the controller 404.',
  InvalidEndpoint:
    'An endpoint has an address that is not served (link-local, multicast, broadcast, reserved, unspecified) or is not an address; it is left out.',
  LoopbackEndpoint:
    'An endpoint or an external name points to this machine, which is served only when standing alone.',
  UnsupportedBackend:
    'A backend is of a kind that is not served, for example a resource; its requests get an error.',
  UnsupportedProtocol:
    'A Service port is not TCP, and its requests get 503; or its `appProtocol` is not known, and HTTP/1.1 is spoken.',
  SecretNotFound:
    'A `tls` section names a Secret that does not exist, and the default certificate is served; or `proxy-ssl-secret` or `auth-secret` does, and requests that need it get 503.',
  CertificateInvalid:
    'A Secret does not hold a usable certificate and key, and the default certificate is served; one that `proxy-ssl-secret` names makes requests that need it get 503.',
  CredentialsInvalid:
    'The Secret that `auth-secret` names cannot be read, and requests that need it get 503; or some of its users cannot sign in, because their hashes are not understood or not taken.',
  CertificateExpired:
    'A certificate is past its validity; it is served all the same, and clients will refuse it.',
  CertificateHostMismatch:
    'A certificate does not cover a host of its `tls` section; the default certificate is served for that host.',
  CertificateNotOrdered:
    'An Ingress asks for certificates, and a `tls` entry is such that none can be ordered: a wildcard, or no Secret is named.',
  TlsHostWithoutRule: 'A `tls` section names a host that no rule of the Ingress has.',
  TlsHostConflict:
    'A `tls` section names a host whose oldest Ingress is in another namespace; that namespace decides about its TLS.',
  HostPathConflict: 'Another, older Ingress has the same host and path; this path has no effect.',
  PathShadowed: 'Another path of the host takes every request that this path could match.',
  DefaultBackendConflict: 'Another, older Ingress already has the default backend; this one has no effect.',
  AnnotationInvalid:
    'The value of an annotation is not what the annotation takes; see [annotations](annotations.md).',
  AnnotationUnknown: 'A key under our prefixes is not known and has no effect; perhaps it is misspelt.',
  AnnotationUnsupported:
    'A key of ingress-nginx is known and not supported. One that keeps somebody out makes the paths of the Ingress answer 503; any other has no effect.',
  RegexUnsupported:
    'A path is a regular expression that cannot be matched in linear time, or is not valid; the path has no effect.',
  PathUnreachable:
    'No request can have this path, because it holds a `?` or `#`, or every request for it is refused, because a backend may read its path as another one (`//`, `%2F`, `..;`).',
  PathNotPassedThrough:
    'The TLS connections of the host are passed through (`ssl-passthrough`), so this path is reached over plain HTTP only.',
  CanaryIgnored:
    'An Ingress with `canary` has no path of an ordinary Ingress of its namespace to take requests from, or that path has a canary already, or some of its annotations count only on the main Ingress.',
  ParametersInvalid:
    'The parameters that an IngressClass names do not exist or are of a kind that holds no settings (the last good ones, if there were any, stay in force), or a setting has a value that it does not take (its default holds).',
  StreamInvalid:
    'An entry of the ConfigMap of the TCP or UDP services cannot be read, or the ConfigMap does not exist.',
  StreamPortConflict: 'A TCP service wants a port that this program listens on itself.',
  SettingUnknown:
    "A key of the controller's ConfigMap or of class parameters is not known and has no effect.",
  QuirkInForce:
    'The routing of the Ingress would be another one without a quirk of ingress-nginx; see [quirks](quirks.md).',
  SettingUnsupported:
    "A key of the controller's ConfigMap is one of ingress-nginx that is not followed; see [ConfigMap](configmap.md).",
};

function renderProblems(): string {
  const rows = problemCodes.map((code) => [`\`${code}\``, problemText[code]]);
  return `${[
    '# Problems',
    'This page is made from `src/model/problem.ts` and `tools/generate-docs.ts` by `npm run docs`; edit them there.',
    [
      'A problem tells the owner of an object what is wrong with it, as an Event of the object, a line of `sallyport check` and a metric.',
      '`error`: a part of the object has no effect. `warning`: it works, but likely not as meant. `info`: worth knowing.',
    ].join('\n'),
    renderTable(['Code', 'Meaning'], rows),
  ].join('\n\n')}\n`;
}

function renderSettings(): string {
  const own = allControllerSettings.map(({ name, valueText, defaultText, doc }) => [
    `\`${name}\``,
    valueText,
    defaultText,
    doc,
  ]);
  const ofAnnotations = features
    .flatMap((feature) => [...feature.keys, ...(feature.settingKeys ?? [])])
    .flatMap((key) =>
      key.setting === undefined ? [] : [[`\`${key.setting}\``, key.valueText, key.defaultText]],
    );
  return `${[
    '# Settings',
    'This page is made from the declarations in `src/translate/all-settings.ts` and `src/features/` by `npm run docs`; edit them there.',
    [
      'Settings are the keys of the ConfigMap that `--configmap` names. They are followed while they change, and close no connection.',
      'A bad value and an unknown key become a problem of the ConfigMap (see [problems](problems.md)), and the default holds.',
    ].join('\n'),
    '## Of the controller',
    'These hold for every host.',
    renderTable(['Key', 'Value', 'Default', 'Meaning'], own),
    '## Defaults of annotations',
    'These may stand in [class parameters](../guides/class-parameters.md), too. What each means: [annotations](annotations.md).',
    renderTable(['Key', 'Value', 'Default'], ofAnnotations),
  ].join('\n\n')}\n`;
}

const supportText: Readonly<Record<ForeignSupport, string>> = {
  ignored: 'ignored',
  missing: 'no',
  refused: 'refused',
};

/** Every key that a ConfigMap of ingress-nginx may have, by name. */
function renderConfigMap(): string {
  const rows = new Map<string, readonly string[]>();
  for (const [name, { support, default: text, reason }] of foreignSettings) {
    rows.set(name, [`\`${name}\``, supportText[support], text === '' ? 'empty' : `\`${text}\``, reason]);
  }
  for (const { name, defaultText, difference } of allControllerSettings) {
    const support = difference === undefined ? 'yes' : 'yes, with a difference';
    rows.set(name, [`\`${name}\``, support, defaultText, difference ?? 'See [settings](settings.md).']);
  }
  for (const { setting, defaultText } of features.flatMap(({ keys }) => keys)) {
    if (setting === undefined) continue;
    rows.set(setting, [`\`${setting}\``, 'yes', defaultText, 'Default of the [annotation](annotations.md).']);
  }
  for (const { setting, defaultText, doc } of features.flatMap(({ settingKeys = [] }) => settingKeys)) {
    rows.set(setting, [`\`${setting}\``, 'yes', defaultText, doc]);
  }
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return `${[
    '# The ConfigMap of ingress-nginx',
    'This page is made from the declarations in `src/translate/` and `src/features/` by `npm run docs`; edit them there.',
    [
      'Every key that the ConfigMap of an ingress-nginx may have, and what becomes of it here. `yes`: it is followed, live.',
      '`ignored`: accepted, for nobody outside can see it, or a flag says it; `check` mentions it. `no` and `refused`: what it asks for is not done, and a problem',
      'of the ConfigMap says so, unless the value is the default of this table.',
    ].join('\n'),
    renderTable(['Key', 'Followed', 'Default', 'Difference'], sorted),
    '## Variables',
    [
      'Values of fields (`proxy-set-headers`, `add-headers`) may hold `$NAME` or `${NAME}` of these, and `$http_NAME`, `$cookie_NAME` and `$arg_NAME`:',
      `${requestVariables.map((name) => `\`${name}\``).join(', ')}.`,
      'Lines of the log (`log-format-upstream`) may hold these, too:',
      `${recordVariables.map((name) => `\`${name}\``).join(', ')}.`,
      'A log has no `$http_authorization`, `$http_proxy_authorization` and `$http_cookie`. `$bytes_sent` is that of the body.',
    ].join('\n'),
  ].join('\n\n')}\n`;
}

function renderQuirks(): string {
  const rows = quirkDeclarations.map(({ name, doc, safety }) => [`\`${name}\``, doc, safety]);
  const settled = settledQuirks.map(({ name, isFollowed, doc }) => [
    `\`${name}\``,
    isFollowed ? 'always' : 'never',
    doc,
  ]);
  return `${[
    '# Quirks',
    'This page is made from the declarations in `src/features/quirks/` by `npm run docs`; edit them there.',
    [
      'A quirk is something that the routing of ingress-nginx does and that nobody reads in an Ingress.',
      'The flag `--compatibility=ingress-nginx` turns all of them on, `none` turns all of them off; the default is `ingress-nginx` where',
      '`--controller-class` is `k8s.io/ingress-nginx`. The key `sallyport-quirks` (ConfigMap, class parameters) changes that,',
      'and the annotation `sallyport.dev/quirks` for one Ingress: names with commas between, `-` before one that is to be off.',
      'An Ingress whose routing would be another one without a quirk is told so by the problem `QuirkInForce` (`sallyport check` lists it).',
    ].join('\n'),
    '## That can be turned on',
    renderTable(['Quirk', 'What it does', 'Why it harms nobody else'], rows),
    '## That cannot be turned',
    renderTable(['Quirk', 'Followed', 'What ingress-nginx does'], settled),
  ].join('\n\n')}\n`;
}

const pages: ReadonlyMap<string, string> = new Map([
  ['docs/reference/annotations.md', renderAnnotations()],
  ['docs/reference/flags.md', renderFlagsReference()],
  ['docs/reference/controller-flags.md', renderControllerFlagsReference()],
  [
    'docs/reference/command-flags.md',
    renderCommandFlagsReference(
      new Map<string, FlagTable>([
        ['check', checkFlags],
        ['explain', explainFlags],
        ['compare', compareFlags],
        ['compare --live', liveFlags],
      ]),
    ),
  ],
  ['docs/reference/problems.md', renderProblems()],
  ['docs/reference/settings.md', renderSettings()],
  ['docs/reference/configmap.md', renderConfigMap()],
  ['docs/reference/quirks.md', renderQuirks()],
]);

const isCheck = process.argv.includes('--check');
let differing = 0;
for (const [name, text] of pages) {
  const path = join(root, name);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  differing += 1;
  if (isCheck) console.error(`${name}: differs from its declarations, run "npm run docs"`);
  else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(`${name}: written`);
  }
}
console.log(`documents: ${pages.size} pages, ${differing} ${isCheck ? 'errors' : 'written'}`);
process.exitCode = isCheck && differing > 0 ? 1 : 0;
