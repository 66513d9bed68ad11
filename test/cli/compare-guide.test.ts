// The outputs of `sallyport compare` in the guide "Leaving ingress-nginx" are what the program prints.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { folder, run } from './run-compare.ts';

const guide = readFileSync(
  resolve(import.meta.dirname, '../../docs/guides/leaving-ingress-nginx.md'),
  'utf8',
);

const services = ['api', 'docs', 'static', 'web'].map(
  (name) =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop}\nspec: {ports: [{port: 80}]}\n`,
);

/** `paths`: lines of the Ingress without expressions. */
function manifests(paths: readonly string[]): string {
  const ingress = (name: string, day: number, annotations: string, lines: readonly string[]): string =>
    `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: shop, creationTimestamp: "2025-03-0${day}T09:00:00Z", annotations: {${annotations}}}
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example.com
    http:
      paths:
${lines.map((line) => `      ${line}\n`).join('')}`;
  const patterns =
    'nginx.ingress.kubernetes.io/use-regex: "true", nginx.ingress.kubernetes.io/rewrite-target: /$2';
  return [
    ingress('web', 1, '', paths),
    ingress('api', 2, patterns, [pathLine('"/api(/|$)(.*)"', 'api', 'ImplementationSpecific')]),
    ...services,
  ].join('---\n');
}

function pathLine(path: string, service: string, type = 'Prefix'): string {
  return `- {path: ${path}, pathType: ${type}, backend: {service: {name: ${service}, port: {number: 80}}}}`;
}

const log = [
  ['/api/orders', 'api'],
  ['/static/app.js', 'static'],
  ['/Static/Logo.png', 'static'],
  ['/static-old/a.css', 'static'],
  ['/cart', 'web'],
]
  .map(
    ([path, service], index) =>
      `10.0.0.9 - - [21/Nov/2026:20:00:0${index} +0000] "GET ${path} HTTP/2.0" 200 512 "-" "app/1" 80 0.012 [shop-${service}-80] [] 10.1.0.4:8080 512 0.011 200 5d0${index}\n`,
  )
  .join('');

it('the guide shows what compare prints', async (test) => {
  const before = [pathLine('/docs/', 'docs'), pathLine('/static', 'static'), pathLine('/', 'web')];
  const added = guide.split('\n').filter((line) => line.startsWith('- {path: /'));
  assert.equal(added.length, 2);
  const root = folder(test, {
    'before.yaml': manifests(before),
    'after.yaml': manifests([...added, ...before]),
    log,
  });
  for (const [file, code] of [
    ['before.yaml', 1],
    ['after.yaml', 0],
  ] as const) {
    const words = ['-r', join(root, 'log'), '-f', join(root, file), '--from', 'ingress-nginx'];
    const printed = await run([...words, '--fail-on-difference']);
    assert.equal(printed.code, code);
    assert.ok(guide.includes(`\`\`\`text\n${printed.out}\`\`\``), printed.out);
  }
});
