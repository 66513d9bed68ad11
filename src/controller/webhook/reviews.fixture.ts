// Reviews for tests: in the form in which kube-apiserver 1.36 sent one for `kubectl create` and `kubectl label` (recorded), around
// any object; a translator that knows a few; and a server on a free port.
import { request as httpsRequest } from 'node:https';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Ingress, KubeObject } from '../../kube/index.ts';
import type { Feature } from '../../features/index.ts';
import { Translator } from '../../translate/index.ts';
import {
  sampleApp,
  sampleClass,
  sampleFeature,
  sampleIngress,
  type SampleMeta,
  sampleNowMs,
  sampleOptions,
  sampleRule,
  setAll,
} from '../../translate/sample-objects.fixture.ts';
import type { ControllerLog } from '../problem-log.ts';
import { WebhookServer, type WebhookServerOptions } from './webhook-server.ts';

const group = 'networking.k8s.io';

interface ReviewParts {
  readonly operation?: string;
  readonly object?: unknown;
  readonly oldObject?: unknown;
  readonly subResource?: string;
  readonly resource?: { readonly group: string; readonly version: string; readonly resource: string };
}

export const sampleUid = '86c0c45a-2f98-4fc6-96c2-51f585d140b7';

/** As recorded, but for what is given. */
export function reviewOf(parts: ReviewParts): Record<string, unknown> {
  const { operation = 'CREATE', object = null, oldObject = null, subResource } = parts;
  const kind = { group, version: 'v1', kind: 'Ingress' };
  const resource = parts.resource ?? { group, version: 'v1', resource: 'ingresses' };
  const { name = '', namespace = '' } = (object as Ingress | null)?.metadata ?? {};
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: sampleUid,
      kind,
      resource,
      ...(subResource === undefined ? {} : { subResource }),
      requestKind: kind,
      requestResource: resource,
      name,
      namespace,
      operation,
      userInfo: { username: 'admin', uid: 'admin', groups: ['system:masters', 'system:authenticated'] },
      object,
      oldObject,
      dryRun: false,
      options: {
        kind: 'CreateOptions',
        apiVersion: 'meta.k8s.io/v1',
        fieldManager: 'kubectl-create',
        fieldValidation: 'Strict',
      },
    },
  };
}

/** `kubectl create`. */
export function createReview(ingress: Ingress): Record<string, unknown> {
  return reviewOf({ object: withServerFields(ingress) });
}

/** A write that makes `ingress` of `old`. */
export function updateReview(ingress: Ingress, old: Ingress): Record<string, unknown> {
  const [object, oldObject] = [withServerFields(ingress), withServerFields(old)];
  return reviewOf({ operation: 'UPDATE', object, oldObject });
}

/** What kube-apiserver adds before it asks. */
function withServerFields(ingress: Ingress): Record<string, unknown> {
  const managedFields = [
    {
      manager: 'kubectl-create',
      operation: 'Update',
      apiVersion: 'networking.k8s.io/v1',
      time: '2026-11-21T16:00:51Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:ingressClassName': {}, 'f:rules': {} } },
    },
  ];
  const { metadata } = ingress;
  const added = {
    uid: 'a5941282-a9af-4e8c-adfd-e4d300ed925c',
    generation: 1,
    creationTimestamp: '2026-11-21T16:00:51Z',
    resourceVersion: '1727',
  };
  const status = { loadBalancer: {} };
  return { ...ingress, metadata: { ...added, ...metadata, managedFields }, status };
}

/** An Ingress of class `sallyport` with one host and some paths. */
export function ourIngress(
  host: string,
  paths: Parameters<typeof sampleRule>[1],
  meta: SampleMeta = {},
): Ingress {
  return sampleIngress({ ingressClassName: 'sallyport', rules: [sampleRule(host, paths)] }, meta);
}

export const strictAnnotation = 'nginx.ingress.kubernetes.io/strict';
export const guardAnnotation = 'nginx.ingress.kubernetes.io/guard';

const features: readonly Feature[] = [
  sampleFeature('plain'),
  sampleFeature('strict', { onInvalid: 'reject' }),
  sampleFeature('guard', { onInvalid: 'deny' }),
  sampleFeature('use-regex', { parse: (text) => ({ value: text === 'true' }) }),
];

/** Knows the class, `Service shop/app` with an endpoint, and the given objects. */
export function translatorOf(
  objects: readonly KubeObject[],
  part: Parameters<typeof sampleOptions>[0] = {},
): Translator {
  const translator = new Translator(sampleOptions({ features, watchIngressWithoutClass: false, ...part }));
  translator.apply(setAll([sampleClass(), ...sampleApp, ...objects]), sampleNowMs);
  return translator;
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

/** Keeps its lines, and tells each. */
export function recordingLog(onLine: (line: LogLine) => void = () => undefined): {
  readonly log: ControllerLog;
  readonly lines: readonly LogLine[];
} {
  const lines: LogLine[] = [];
  const write =
    (level: LogLine['level']) =>
    (fields: object, message: string): void => {
      lines.push({ level, fields, message });
      onLine({ level, fields, message });
    };
  return { log: { info: write('info'), warn: write('warn'), error: write('error') }, lines };
}

const certificates = new URL('../../../test/fixtures/certs/', import.meta.url);

export function certificatePath(file: string): string {
  return fileURLToPath(new URL(file, certificates));
}

export function readCertificate(file: string): string {
  return readFileSync(certificatePath(file), 'utf8');
}

export interface TestWebhook {
  readonly server: WebhookServer;
  readonly port: number;
  readonly lines: readonly LogLine[];
}

/** With the certificate for foo.example.com unless told otherwise. */
export async function startWebhook(part: Partial<WebhookServerOptions> = {}): Promise<TestWebhook> {
  const { log, lines } = recordingLog();
  const translator = translatorOf([]);
  const server = new WebhookServer({
    address: '127.0.0.1',
    port: 0,
    certificatePath: certificatePath('foo.crt'),
    keyPath: certificatePath('foo.key'),
    log,
    translator: () => translator,
    isWatched: () => true,
    nowMs: () => sampleNowMs,
    ...part,
  });
  const { port } = await server.start();
  return { server, port, lines };
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface HttpQuestion {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** One request on a connection of its own. */
export function ask(port: number, question: HttpQuestion = {}): Promise<HttpAnswer> {
  const { method = 'POST', path = '/networking/v1/ingresses?timeout=10s', headers, body } = question;
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent: false,
        rejectUnauthorized: false,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

export interface ReviewResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: {
    readonly status: string;
    readonly code: number;
    readonly reason: string;
    readonly message: string;
    readonly details?: {
      readonly name: string;
      readonly group: string;
      readonly kind: string;
      readonly causes: readonly { reason: string; message: string; field: string }[];
    };
  };
  readonly warnings?: readonly string[];
}

/** The `response` of a review. */
export async function askReview(port: number, review: unknown): Promise<ReviewResponse> {
  const answer = await ask(port, { body: JSON.stringify(review) });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.body}`);
  return responseOf(answer.body);
}

export function responseOf(body: string): ReviewResponse {
  const review = JSON.parse(body) as { apiVersion: string; kind: string; response: ReviewResponse };
  if (review.apiVersion !== 'admission.k8s.io/v1' || review.kind !== 'AdmissionReview')
    throw new Error(`no AdmissionReview: ${body}`);
  return review.response;
}
