// From manifests to what endpoints see, through processes: TLS with a Secret that is rotated, and gRPC, by annotation and by appProtocol.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { callUnary, echo, health, openClient, serving, startEcho } from '../behaviour/grpc-peers.ts';
import {
  answerAll,
  issueFor,
  issueIdentity,
  makeAuthority,
  startTlsUpstream,
} from '../behaviour/tls-upstream.ts';
import { ask, startUp, type UpProcess } from '../cli/up-process.ts';

function renderBackend(name: string, port: number, appProtocol: string): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { ports: [{ port: 80, appProtocol: ${appProtocol} }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
endpoints: [{ addresses: ['127.0.0.1'] }]
ports: [{ port: ${port} }]
`;
}

function renderIngress(
  name: string,
  host: string,
  service: string,
  annotations: Readonly<Record<string, string>>,
): string {
  const lines = Object.entries(annotations).map(
    ([key, value]) => `    nginx.ingress.kubernetes.io/${key}: ${JSON.stringify(value)}\n`,
  );
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  annotations:
    example.com/any: "x"
${lines.join('')}spec:
  rules:
    - host: ${host}
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: ${service}, port: { number: 80 } } } }
`;
}

function renderSecret(data: Readonly<Record<string, string>>): string {
  const lines = Object.entries(data).map(([key, text]) => `  ${key}: ${btoa(text)}\n`);
  return `apiVersion: v1\nkind: Secret\nmetadata: { name: backend }\ndata:\n${lines.join('')}`;
}

async function start(t: TestContext, manifests: Readonly<Record<string, string>>): Promise<UpProcess> {
  const up = await startUp({ manifests });
  t.after(up.remove);
  await up.waitFor(/is ready/);
  return up;
}

async function untilStatus(up: UpProcess, host: string, wanted: number): Promise<string> {
  for (;;) {
    const { status: got, body } = await ask(up.httpPort, host);
    if (got === wanted) return body;
  }
}

test('TLS to a Service: verified, with a client certificate, which follows its Secret', async (t) => {
  const [ours, theirs] = [makeAuthority(), makeAuthority()];
  const { cert, key } = issueFor(ours, 'secure.default.svc');
  const upstream = await startTlsUpstream(
    t,
    { cert, key, requestCert: true, rejectUnauthorized: false, ca: ours.certificatePem },
    answerAll(
      (socket) => `client ${socket.authorized} ${String((socket as { servername?: unknown }).servername)}`,
    ),
  );
  const identity = issueIdentity(ours, 'proxy');
  const whole = { 'ca.crt': ours.certificatePem, 'tls.crt': identity.chainPem, 'tls.key': identity.keyPem };
  const up = await start(t, {
    'secure.yaml': renderBackend('secure', upstream.port, 'https'),
    'verified.yaml': renderIngress('verified', 'verified.test', 'secure', {
      'proxy-ssl-secret': 'default/backend',
      'proxy-ssl-verify': 'on',
      'proxy-ssl-server-name': 'on',
    }),
    'plain.yaml': renderIngress('plain', 'plain.test', 'secure', {}),
    'secret.yaml': renderSecret(whole),
  });
  assert.deepEqual(await ask(up.httpPort, 'verified.test'), {
    status: 200,
    body: 'client true secure.default.svc',
  });
  assert.deepEqual(await ask(up.httpPort, 'plain.test'), { status: 200, body: 'client false false' });
  const save = (text: string): void => {
    writeFileSync(join(up.folder, 'secret.tmp'), text);
    renameSync(join(up.folder, 'secret.tmp'), join(up.folder, 'secret.yaml'));
  };
  // Another authority: nobody here has its trust. Without a certificate of ours: none is shown.
  save(renderSecret({ 'ca.crt': theirs.certificatePem }));
  await untilStatus(up, 'verified.test', 502);
  save(renderSecret({ 'ca.crt': ours.certificatePem }));
  assert.equal(await untilStatus(up, 'verified.test', 200), 'client false secure.default.svc');
  assert.doesNotMatch(up.output(), /PRIVATE KEY/);
});

test('gRPC by annotation and by appProtocol, with the health service', async (t) => {
  const { port } = await startEcho(t);
  const up = await start(t, {
    'plain.yaml': renderBackend('plain', port, 'http'),
    'marked.yaml': renderBackend('marked', port, 'kubernetes.io/h2c'),
    'annotated.yaml': renderIngress('annotated', 'a.test', 'plain', { 'backend-protocol': 'GRPC' }),
    'by-port.yaml': renderIngress('by-port', 'b.test', 'marked', {}),
  });
  for (const host of ['a.test', 'b.test']) {
    const client = openClient(t, up.httpPort, undefined, { 'grpc.default_authority': host });
    const { code, answer } = await callUnary(client, echo.unary, Buffer.from('hello'));
    assert.deepEqual([code, String(answer)], [status.OK, 'hello'], host);
    assert.deepEqual((await callUnary(client, health.check, Buffer.alloc(0))).answer, serving, host);
  }
});
