// A cluster and its access log, as `sallyport compare` may meet them: many hosts, rewrites, expressions, TLS; most requests are answered alike
// with and without the quirks of ingress-nginx, some are not.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

const hostCount = 500;

export function renderManifests(): string {
  const documents = [
    'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: k8s.io/ingress-nginx}',
  ];
  for (let index = 0; index < hostCount; index += 1) {
    // One in five has expressions beside it, by which all its paths become some.
    if (index % 5 === 0) documents.push(renderIngress(index, 'patterns', ['/v2(/|$)(.*)'], true));
    documents.push(renderIngress(index, 'app', ['/api/', '/static', '/img/icons', '/checkout', '/'], false));
  }
  return documents.join('\n---\n');
}

function renderIngress(index: number, name: string, paths: readonly string[], hasPatterns: boolean): string {
  const annotations = hasPatterns
    ? '\n  annotations: {nginx.ingress.kubernetes.io/use-regex: "true", nginx.ingress.kubernetes.io/rewrite-target: /$2}'
    : '';
  const rules = paths.map(
    (path, at) =>
      `      - {path: '${path}', pathType: ImplementationSpecific, backend: {service: {name: s${at}, port: {number: 80}}}}`,
  );
  return [
    'apiVersion: networking.k8s.io/v1\nkind: Ingress',
    `metadata:\n  name: ${name}\n  namespace: ns-${index}${annotations}`,
    `spec:\n  ingressClassName: nginx\n  tls: [{hosts: [h${index}.example.com]}]`,
    `  rules:\n  - host: h${index}.example.com\n    http:\n      paths:`,
    ...rules,
  ].join('\n');
}

const places: readonly (readonly [path: string, service: string])[] = [
  ['/api/v1/orders/', 's0'],
  ['/static/app.js?v=', 's1'],
  ['/products/', 's4'],
  ['/static/img/', 's1'],
  ['/search?q=', 's4'],
];

/** The JSON form names the host, the default form of ingress-nginx does not. */
export async function writeLog(path: string, lines: number, form: 'json' | 'nginx'): Promise<void> {
  const out = createWriteStream(path, { highWaterMark: 1024 * 1024 });
  for (let index = 0; index < lines; index += 1) {
    const line = form === 'json' ? jsonLine(index) : nginxLine(index);
    if (!out.write(`${line}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

function targetOf(index: number): string {
  // One in 200 differs by a quirk: in any case, or with more letters.
  if (index % 200 === 0) return `/STATIC/${index}`;
  return `${places[index % places.length]?.[0] ?? '/'}${index}`;
}

function jsonLine(index: number): string {
  const host = `h${(index * 7919) % hostCount}.example.com`;
  return `{"time":"2026-11-21T20:00:00+00:00","remote_addr":"10.0.${index & 255}.7","host":"${host}","scheme":"https","request":"GET ${targetOf(index)} HTTP/2.0","status":200,"bytes":5123,"request_time":0.012,"req_id":"${index}"}`;
}

function nginxLine(index: number): string {
  const number = (index * 7919) % hostCount;
  const service = index % 200 === 0 ? 's1' : (places[index % places.length]?.[1] ?? '');
  return `10.0.${index & 255}.7 - - [21/Nov/2026:20:00:01 +0000] "GET ${targetOf(index)} HTTP/2.0" 200 5123 "-" "Mozilla/5.0 (X11; Linux x86_64)" 80 0.012 [ns-${number}-${service}-80] [] 10.1.0.1:8080 5123 0.011 200 ${index}`;
}
