// Random changes to what an API server holds: few names, so that they meet, mostly values that are served. For properties.
import fc from 'fast-check';
import { makeSelfSigned } from '../../behaviour/self-signed.ts';
import type { Api, ApiValue } from './api.ts';
import { collectionOf } from './api.ts';
import { classOf, controllerName, ingressOf, namespaceOf, secretOf, serviceOf, sliceOf } from './objects.ts';

/** One change, and how reports show it. */
export interface Action {
  readonly run: (api: Api) => Promise<unknown>;
  readonly [fc.toStringMethod]: () => string;
}

function actionOf(text: string, run: Action['run']): Action {
  return { run, [fc.toStringMethod]: () => text };
}

/** Holds the parameters of classes; never deleted. */
const settingsNamespace = 'conf';
const namespaces = ['s1', 's2'];
const certificateOfX = makeSelfSigned(['x.test']);
const certificates = [['y.test'], ['x.test', 'y.test'], ['*.test']].map((names) => makeSelfSigned(names));
const broken = { chainPem: 'no certificate', keyPem: 'no key' };

const namespace = fc.constantFrom(...namespaces);
const service = fc.constantFrom('a', 'b');
const secret = fc.constantFrom('c1', 'c2');
const className = fc.constantFrom('sallyport', 'sallyport', 'alt', 'alt', 'nowhere');

/** Namespaces on their way out, or gone, take nothing. */
const refusals = new Set([403, 404, 409]);

async function patch(api: Api, path: string, body: unknown, contentType: string): Promise<void> {
  const { status, value } = await api.call('PATCH', path, body, contentType);
  if (status < 300 || refusals.has(status)) return;
  throw new Error(`${path} was answered with ${status}: ${String(value['message'])}`);
}

function textOf(word: string, { kind, metadata, spec }: ApiValue): string {
  return `${word} ${kind} ${metadata.namespace ?? ''}/${metadata.name} ${JSON.stringify(spec ?? {})}`;
}

function set(object: ApiValue): Action {
  const path = `${collectionOf(object)}/${object.metadata.name}?fieldManager=test&force=true`;
  return actionOf(textOf('set', object), (api) => patch(api, path, object, 'application/apply-patch+yaml'));
}

function remove(object: ApiValue): Action {
  const path = `${collectionOf(object)}/${object.metadata.name}`;
  return actionOf(textOf('remove', object), (api) => api.remove(path));
}

const annotations = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  {},
  { 'nginx.ingress.kubernetes.io/proxy-body-size': '3m' },
  { 'nginx.ingress.kubernetes.io/proxy-body-size': '3m' },
  { 'nginx.ingress.kubernetes.io/proxy-body-size': 'much' },
  { 'nginx.ingress.kubernetes.io/ssl-redirect': 'false' },
);

const ingress = fc
  .record({
    name: fc.constantFrom('i', 'j', 'k'),
    host: fc.constantFrom('x.test', 'y.test', 'z.test'),
    path: fc.constantFrom('/', '/p', '/q'),
    namespace,
    className,
    service,
    secret: fc.option(secret, { nil: '' }),
    annotations,
  })
  .map(({ name, host, secret: held, ...parts }) =>
    ingressOf(name, host, { ...parts, ...(held === '' ? {} : { secret: held }) }),
  );

const slice = fc
  .tuple(service, namespace, fc.subarray(['192.0.2.11', '192.0.2.12', '192.0.2.13'], { minLength: 1 }))
  .map(([name, space, addresses]) =>
    sliceOf(
      name,
      addresses.map((address) => ({ address, port: 8080 })),
      space,
    ),
  );

const certificate = fc
  .tuple(secret, namespace, fc.constantFrom(certificateOfX, ...certificates, broken))
  .map(([name, space, pem]) => secretOf(name, pem, space));

const namespaced = fc.oneof(
  { weight: 4, arbitrary: ingress },
  { weight: 2, arbitrary: fc.tuple(service, namespace).map(([name, space]) => serviceOf(name, space)) },
  { weight: 2, arbitrary: slice },
  { weight: 2, arbitrary: certificate },
);

const settings = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  { 'proxy-body-size': '7m' },
  { 'proxy-body-size': '8m', 'ssl-redirect': 'false' },
  { 'proxy-body-size': 'huge', nonsense: 'x' },
);

export function configMapOf(name: string, data: Readonly<Record<string, string>>): ApiValue {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: settingsNamespace }, data };
}

export function parametersOf(name: string, values: Readonly<Record<string, string>>): ApiValue {
  const metadata = { name };
  return {
    apiVersion: 'sallyport.dev/v1alpha1',
    kind: 'SallyportParameters',
    metadata,
    spec: { settings: values },
  };
}

const byConfigMap = {
  parameters: { kind: 'ConfigMap', name: 'p', scope: 'Namespace', namespace: settingsNamespace },
};
const byParameters = {
  parameters: { kind: 'SallyportParameters', apiGroup: 'sallyport.dev', name: 'q', scope: 'Cluster' },
};
const parametersRef = fc.constantFrom<{ readonly parameters?: object }>({}, byConfigMap, byParameters);

/** The controller of a class cannot be changed: it goes, and another one of its name comes. */
const classChange = fc
  .tuple(
    fc.constantFrom('sallyport', 'alt'),
    fc.constantFrom(controllerName, controllerName, 'example.com/other'),
    parametersRef,
  )
  .map(([name, controller, spec]): Action => {
    const object = classOf(name, { ...spec, controller });
    return actionOf(textOf('replace', object), async (api) => {
      await remove(object).run(api);
      await set(object).run(api);
    });
  });

const parametersChange = fc.tuple(className, parametersRef).map(([name, { parameters }]): Action => {
  const path = `${collectionOf(classOf(name))}/${name}`;
  // A merge leaves what it does not name.
  const merged = parameters === undefined ? null : { apiGroup: null, namespace: null, ...parameters };
  const body = { spec: { parameters: merged } };
  return actionOf(`parameters of ${name} ${JSON.stringify(body)}`, (api) =>
    patch(api, path, body, 'application/merge-patch+json'),
  );
});

export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 30, arbitrary: namespaced.map(set) },
  { weight: 6, arbitrary: namespaced.map(remove) },
  { weight: 2, arbitrary: classChange },
  { weight: 1, arbitrary: parametersChange },
  { weight: 2, arbitrary: settings.map((data) => set(configMapOf('p', data))) },
  { weight: 2, arbitrary: settings.map((values) => set(parametersOf('q', values))) },
  { weight: 1, arbitrary: settings.map((data) => set(configMapOf('global', data))) },
  { weight: 1, arbitrary: namespace.map((name) => remove(namespaceOf(name))) },
  { weight: 2, arbitrary: namespace.map((name) => set(namespaceOf(name))) },
);

/** Classes, namespaces and settings as every history begins with them. */
export const firstObjects: readonly ApiValue[] = [
  ...[...namespaces, settingsNamespace].map((name) => namespaceOf(name)),
  classOf('sallyport'),
  classOf('alt'),
  configMapOf('p', {}),
  configMapOf('global', {}),
  parametersOf('q', {}),
];

/**
 * Every Secret that an Ingress may name, usable. A history ends with this, since by design a controller remembers one thing: the
 * last good certificate of a Secret that is broken or gone.
 */
export const repair: readonly Action[] = namespaces.flatMap((space) =>
  ['c1', 'c2'].map((name) => set(secretOf(name, certificateOfX, space))),
);

const limited = { 'nginx.ingress.kubernetes.io/proxy-body-size': '3m' };

/** One of each that comes into the table: a certificate, endpoints, an annotation, and settings of both kinds of parameters. */
export const richObjects: readonly ApiValue[] = [
  classOf('sallyport', byConfigMap),
  classOf('alt', byParameters),
  configMapOf('p', { 'proxy-body-size': '7m' }),
  parametersOf('q', { 'proxy-body-size': '8m' }),
  secretOf('c1', certificateOfX, 's1'),
  serviceOf('a', 's1'),
  sliceOf('a', [{ address: '192.0.2.11', port: 8080 }], 's1'),
  ingressOf('i', 'x.test', { namespace: 's1', service: 'a', secret: 'c1', annotations: limited }),
  ingressOf('j', 'y.test', { namespace: 's1', service: 'a' }),
  ingressOf('k', 'z.test', { namespace: 's1', service: 'a', className: 'alt' }),
];

export const changingNamespaces: readonly string[] = namespaces;
export const controllerConfigMap = `${settingsNamespace}/global`;
