// What `sallyport explain` says of rules that the translation had to leave out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runExplain } from '../../src/cli/explain.ts';
import { type Captured, runCaptured } from './run-captured.ts';

const app = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: app, namespace: shop}
spec:
  rules:
  - host: app.example.com
    http:
      paths:
      - path: /api
        pathType: Prefix
        backend: {service: {name: api, port: {number: 80}}}
`;

function run(words: readonly string[], stdin: string): Promise<Captured> {
  return runCaptured(runExplain, words, stdin);
}

test('tells the rules of the host that are not served, whoever takes the request', async () => {
  const other = `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: other
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/use-regex: "true"
spec:
  rules:
  - host: HOST
    http:
      paths:
      - path: /(?!api)(.*)
        pathType: ImplementationSpecific
        backend: {service: {name: api, port: {number: 80}}}
`;
  const words = ['-f', '-'];
  const title = /^rules of this host that are not served\n {2}<stdin>:\d+: error: Ingress shop\/other: spec/m;
  const same = `${app}${other.replace('HOST', 'app.example.com')}`;
  assert.match((await run(['http://app.example.com/other', ...words], same)).out, title);
  assert.match((await run(['http://app.example.com/api/v1', ...words], same)).out, title);
  const { out } = await run(['http://app.example.com/other', '-o', 'json', ...words], same);
  const { leftOut } = JSON.parse(out) as { readonly leftOut: readonly { readonly code: string }[] };
  assert.deepEqual(
    leftOut.map(({ code }) => code),
    ['RegexUnsupported'],
  );
  const elsewhere = `${app}${other.replace('HOST', 'other.example.com')}`;
  assert.doesNotMatch((await run(['http://app.example.com/other', ...words], elsewhere)).out, /not served/);
  const alone = (await run(['http://other.example.com/x', ...words], elsewhere)).out;
  assert.match(alone, title);
  assert.match(
    alone,
    /^because {3}no rule for "other\.example\.com" is served, and there is no default backend$/m,
  );
});
