// The admission webhook: how long an API server waits for the review of an Ingress among many.
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { canConnect } from '../macro/probe.ts';
import { appIngress, nameOf, namespaceOf } from './objects.ts';

const reviewPath = '/networking/v1/ingresses';
const warmUps = 20;

interface Review {
  readonly response?: { readonly uid?: string; readonly allowed?: boolean; readonly status?: unknown };
}

/** Why there is nothing to measure; null: there is. */
export async function missingWebhook(port: number | null): Promise<string | null> {
  if (port === null)
    return '`up` has no webhook: its API server admits objects itself, which the time of a write shows';
  return (await canConnect(port)) ? null : 'the controller does not listen for admission reviews';
}

/** Of an edit that any cluster would admit. */
function reviewOf(index: number, edit: number): { readonly uid: string; readonly text: string } {
  const uid = `00000000-0000-4000-8000-${String(edit).padStart(12, '0')}`;
  const [name, namespace] = [nameOf(index), namespaceOf(index)];
  const kind = { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' };
  const resource = { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses' };
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      ...{ uid, kind, resource, requestKind: kind, requestResource: resource, name, namespace },
      operation: 'UPDATE',
      userInfo: { username: 'bench', groups: ['system:authenticated'] },
      object: appIngress(index, edit, name).value,
      oldObject: appIngress(index, edit + 1, name).value,
      dryRun: false,
      options: { apiVersion: 'meta.k8s.io/v1', kind: 'UpdateOptions' },
    },
  };
  return { uid, text: JSON.stringify(review) };
}

async function send(agent: Agent, port: number, text: string): Promise<Review> {
  return await new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const url = `https://127.0.0.1:${port}${reviewPath}`;
    const outgoing = request(url, { method: 'POST', agent, headers });
    outgoing.on('error', reject);
    outgoing.on('response', (reply: IncomingMessage) => {
      let answer = '';
      reply.setEncoding('utf8');
      reply.on('data', (chunk: string) => {
        answer += chunk;
      });
      reply.on('error', reject);
      reply.on('end', () => {
        if (reply.statusCode === 200) resolve(JSON.parse(answer) as Review);
        else reject(new Error(`A review was answered with ${reply.statusCode}: ${answer.slice(0, 300)}`));
      });
    });
    outgoing.end(text);
  });
}

/** Milliseconds of each review, one after the other on one connection. Rejects when one is not allowed. */
export async function measureAdmission(port: number, ingresses: number, count: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  const latenciesMs: number[] = [];
  try {
    for (let step = 0; step < warmUps + count; step += 1) {
      const { uid, text } = reviewOf((step * 7_919) % ingresses, 1_000_000 + step);
      const askedMs = performance.now();
      const { response } = await send(agent, port, text);
      const latencyMs = performance.now() - askedMs;
      if (response?.uid !== uid || response.allowed !== true)
        throw new Error(`An Ingress was not admitted: ${JSON.stringify(response).slice(0, 500)}`);
      if (step >= warmUps) latenciesMs.push(latencyMs);
    }
  } finally {
    agent.destroy();
  }
  return latenciesMs;
}
