// Random Kubernetes objects for the translator's properties: few names, so that they meet; mostly valid values, so that most
// Ingresses are served. All objects are frozen.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { ConfigMap, Ingress, IngressTls, KubeObject, Secret } from '../../src/kube/index.ts';
import { credentialsId, type ObjectRef } from '../../src/model/index.ts';
import type { ObjectChange, TranslateOptions } from '../../src/translate/index.ts';
import {
  sampleBackend,
  sampleClass,
  sampleFeature,
  sampleIngress,
  sampleOptions,
  sampleSecret,
  sampleService,
  sampleSlice,
} from '../../src/translate/sample-objects.fixture.ts';
import { features } from '../../src/features/index.ts';
import { refOf } from '../../src/sources/index.ts';
import { deepFreeze } from '../deep-freeze.ts';

export const prefix: string = 'nginx.ingress.kubernetes.io';
/** An annotation whose value `bad` keeps the version from being taken. */
export const rejecting: string = `${prefix}/strict`;

/** A feature for each way of taking a bad value, a host-wide one, and the switches for regexes and canaries. */
export const options: TranslateOptions = sampleOptions({
  defaultCertificate: 'a/tls-1',
  defaultBackendService: { namespace: 'a', name: 'app', port: '80' },
  tcpServices: 'a/streams',
  udpServices: 'a/streams',
  ownListeners: [{ address: '127.0.0.1', port: 9000, purpose: 'traffic' }],
  features: [
    sampleFeature('plain'),
    sampleFeature('strict', { onInvalid: 'reject' }),
    sampleFeature('guard', { onInvalid: 'deny' }),
    sampleFeature('wide', { scope: 'host' }),
    // Asks by one Secret in two ways.
    {
      ...sampleFeature('password'),
      credentialsOf: (policy) => {
        const form = policy === 'good' ? 'basic-file' : 'basic-map';
        return { id: credentialsId(form, 'a/tls-1'), key: 'password' };
      },
    },
    sampleFeature('use-regex', { parse: (text) => ({ value: text === 'true' }) }),
    ...features.filter(({ name }) => name === 'host-names'),
    sampleFeature('canary', { parse: (text) => ({ value: text === 'true' }) }),
  ],
});

const folder = new URL('../fixtures/certs/', import.meta.url);
const fixtures = ['foo', 'foo-renewed', 'wildcard', 'common-name'].map((name) => ({
  crt: readFileSync(new URL(`${name}.crt`, folder), 'utf8'),
  key: readFileSync(new URL(`${name}.key`, folder), 'utf8'),
}));
/** A Secret of these is not usable; all others are. */
export const brokenPem: { readonly crt: string; readonly key: string } = { crt: 'broken', key: 'broken' };

const namespace = fc.constantFrom('a', 'b');
const host = fc.constantFrom('x.test', 'www.x.test', 'foo.example.com', 'w.example.com', '*.example.com', '');
const service = fc.constantFrom('app', 'web');
const secretName = fc.constantFrom('tls-1', 'tls-2');

const backend = fc
  .tuple(service, fc.constantFrom<number | string>(80, 81, 'http'))
  .map(([name, port]) => sampleBackend(name, port));

const path = fc.record({
  path: fc.constantFrom('/', '/a', '/a/', '/a/b', '/x/../a', '/a.*', '/(b)\\1'),
  pathType: fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific'),
  backend: fc.oneof(
    { weight: 6, arbitrary: backend },
    { weight: 1, arbitrary: fc.constant({ resource: { kind: 'Bucket', name: 'b' } }) },
  ),
});

const rule = fc.tuple(host, fc.array(path, { maxLength: 3 })).map(([name, paths]) => ({
  ...(name === '' ? {} : { host: name }),
  ...(paths.length === 0 ? {} : { http: { paths } }),
}));

const tlsEntry: fc.Arbitrary<IngressTls> = fc
  .tuple(fc.array(host, { maxLength: 2 }), fc.option(secretName))
  .map(([names, secret]) => ({
    hosts: names.filter((name) => name !== ''),
    ...(secret === null ? {} : { secretName: secret }),
  }));

/** Mostly nothing or good values, so that most Ingresses are served. */
const annotation = fc.constantFrom<[string, string] | null>(
  [`${prefix}/server-alias`, 'x.test, alias.test, w.example.com'],
  [`${prefix}/from-to-www-redirect`, 'true'],
  null,
  null,
  null,
  [`${prefix}/plain`, 'good'],
  [`${prefix}/plain`, 'bad'],
  [rejecting, 'good'],
  [rejecting, 'bad'],
  [`${prefix}/guard`, 'bad'],
  [`${prefix}/password`, 'good'],
  [`${prefix}/password`, 'other'],
  [`${prefix}/wide`, 'good'],
  [`${prefix}/wide`, 'other'],
  [`${prefix}/use-regex`, 'true'],
  [`${prefix}/plian`, 'good'],
  [`${prefix}/canary`, 'true'],
  [`${prefix}/canary`, 'true'],
  ['kubernetes.io/ingress.class', 'sallyport'],
  ['kubernetes.io/ingress.class', 'other'],
);

const className = fc.constantFrom<(string | undefined)[]>(undefined, undefined, 'one', 'two');

const ingress: fc.Arbitrary<Ingress> = fc
  .record({
    namespace,
    name: fc.constantFrom('i', 'j', 'k'),
    day: fc.constantFrom(0, 1, 2),
    annotations: fc.tuple(annotation, annotation),
    className,
    rules: fc.array(rule, { maxLength: 3 }),
    tls: fc.array(tlsEntry, { maxLength: 2 }),
    defaultBackend: fc.option(backend, { freq: 3 }),
  })
  .map((parts) => {
    const annotations = Object.fromEntries(parts.annotations.filter((entry) => entry !== null));
    const { namespace, name, day, rules, defaultBackend } = parts;
    // That of a canary is not read, so nothing of its Secrets is remembered.
    const tls = annotations[`${prefix}/canary`] === 'true' ? [] : parts.tls;
    return sampleIngress(
      {
        rules,
        tls,
        ...(parts.className === undefined ? {} : { ingressClassName: parts.className }),
        ...(defaultBackend === null ? {} : { defaultBackend }),
      },
      { namespace, name, annotations, ...(day === 0 ? {} : { day }) },
    );
  });

const classObject = fc
  .tuple(
    fc.constantFrom('one', 'two'),
    fc.constantFrom(options.controllerName, options.controllerName, 'example.com/other'),
  )
  .map(([name, controller]) => sampleClass(name, controller));

const serviceObject = fc
  .tuple(
    service,
    fc.constantFrom(
      [{ port: 80, targetPort: 8080 }],
      [{ name: 'http', port: 80 }],
      [
        { name: 'http', port: 81 },
        { name: 'u', port: 80, protocol: 'UDP' as const },
      ],
    ),
    namespace,
  )
  .map(([name, ports, space]) => sampleService(name, ports, space));

const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '127.0.0.1', '0.0.0.0');
const sliceObject = fc
  .tuple(
    namespace,
    fc.constantFrom('s', 't'),
    service,
    fc.array(address, { maxLength: 3 }),
    fc.constantFrom('', 'http'),
    fc.constantFrom(undefined, true, false),
  )
  .map(([space, name, owner, addresses, port, ready]) =>
    sampleSlice(
      addresses.map((each) => ({
        addresses: [each],
        ...(ready === undefined ? {} : { conditions: { ready, serving: true, terminating: true } }),
      })),
      { namespace: space, name, service: owner, ports: [{ name: port, port: 8080, protocol: 'TCP' }] },
    ),
  );

const secretObject: fc.Arbitrary<Secret> = fc
  .tuple(
    namespace,
    secretName,
    fc.constantFrom(...fixtures, brokenPem),
    fc.constantFrom(null, 'anna:{PLAIN}x', 'anna:'),
  )
  .map(([space, name, { crt, key }, auth]) => {
    const secret = sampleSecret(name, crt, key, space);
    return auth === null ? secret : { ...secret, data: { ...secret.data, auth: btoa(auth) } };
  });

/** Of TCP and UDP services alike; 8080 is the port of the endpoints, 9000 one of this program. */
const streamsObject: fc.Arbitrary<ConfigMap> = fc
  .dictionary(
    fc.constantFrom('8080', '5001', '9000', 'x'),
    fc.constantFrom('a/app:80', 'b/web:http:PROXY', 'a/app:81', 'a/app', 'b/app:80::PROXY'),
    { maxKeys: 3, noNullPrototype: true },
  )
  .map((data) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'a', name: 'streams' },
    data,
  }));

export const object: fc.Arbitrary<KubeObject> = fc
  .oneof(
    { weight: 6, arbitrary: ingress },
    { weight: 2, arbitrary: serviceObject },
    { weight: 2, arbitrary: sliceObject },
    { weight: 3, arbitrary: secretObject },
    { weight: 1, arbitrary: classObject },
    { weight: 1, arbitrary: streamsObject },
  )
  .map(deepFreeze);

const change: fc.Arbitrary<ObjectChange> = fc.oneof(
  { weight: 4, arbitrary: object.map((each): ObjectChange => ({ kind: 'set', object: each })) },
  { weight: 1, arbitrary: object.map((each): ObjectChange => ({ kind: 'removed', ref: refOf(each) })) },
);

export const beforeExpiryMs: number = Date.UTC(2027, 0, 1);
const afterExpiryMs = Date.UTC(2200, 0, 1);
/** Some changes at one time, before or after the end of all certificates. */
export const step: fc.Arbitrary<{ changes: ObjectChange[]; nowMs: number }> = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  nowMs: fc.constantFrom(beforeExpiryMs, beforeExpiryMs, afterExpiryMs),
});

/** One text for each object. */
export function refText(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace ?? ''}/${ref.name}`;
}
