// What kube-apiserver 1.36.3 answered to a series of writes, one after the other, recorded: refusals with all their causes, stored
// objects, warnings. The same series must be answered in the same way here. Left out of the series is what the REST layer decides.
import { deepEqual, equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { FailureStatus } from '../api-error.ts';
import { isEqualValue } from './equal-values.ts';
import { seedObjects } from './seed-objects.ts';
import { refusalOf, TestServer, type TestAnswer } from './write-request.fixture.ts';

interface Recorded {
  readonly method: 'POST' | 'PUT' | 'DELETE' | 'GET';
  readonly path: string;
  readonly code: number;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly message?: string;
  readonly causes?: readonly (readonly [
    reason: string | null,
    field: string | null,
    message: string | null,
  ])[];
  readonly answer?: Readonly<Record<string, unknown>>;
  readonly warnings?: readonly string[];
}

const file = new URL('kube-answers.golden', import.meta.url);
const series = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

function send(server: TestServer, { method, path, body = {} }: Recorded): TestAnswer {
  if (method === 'POST') return server.create(path, body);
  if (method === 'PUT') return server.update(path, body);
  return { object: method === 'GET' ? server.read(path) : server.delete(path), warnings: [] };
}

/** Without what differs from server to server: names, times, addresses and ports that nobody asked for. */
function comparable(value: unknown, asked: string): unknown {
  const text = JSON.stringify(value)
    .replace(/"10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+"/g, (ip) => (asked.includes(ip) ? ip : '"an address"'))
    .replace(/"(nodePort|healthCheckNodePort)":(\d+)/g, (member, name: string, port: string) =>
      asked.includes(port) ? member : `"${name}":"a port"`,
    );
  return JSON.parse(text, (_key, member: unknown) => (member === null || member === '' ? undefined : member));
}

function checkRefusal(status: FailureStatus, recorded: Recorded): void {
  equal(status.message, recorded.message);
  const causes = (status.details?.causes ?? []).map(({ reason, field, message }) => [reason, field, message]);
  deepEqual(causes, recorded.causes ?? []);
  equal(status.code, recorded.code);
}

function checkAnswer({ object, warnings }: TestAnswer, recorded: Recorded, asked: string): void {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object;
  const { labels, annotations, generation } = metadata;
  const shown = { ...rest, metadata: { labels, annotations, generation } };
  const { spec, ...others } = shown as Readonly<Record<string, unknown>>;
  const wantsTemplate = recorded.path.includes('deployments');
  const { template: _template, ...plainSpec } = (spec ?? {}) as Readonly<Record<string, unknown>>;
  const actual = comparable(wantsTemplate ? { ...others, spec: plainSpec, metadata: {} } : shown, asked);
  const wanted = comparable(recorded.answer, asked);
  if (!isEqualValue(actual, wanted)) deepEqual(actual, wanted);
  deepEqual(warnings, recorded.warnings ?? []);
}

test('a recorded series of writes is answered as kube-apiserver answered it', async (t) => {
  const server = new TestServer();
  seedObjects(server.store, server.nowMs, { apiPort: 6443 });
  let asked = '';
  for (const [index, recorded] of series.entries()) {
    asked += JSON.stringify(recorded.body ?? null);
    await t.test(`${index} ${recorded.method} ${recorded.path}`, () => {
      if (recorded.code >= 400) checkRefusal(refusalOf(() => send(server, recorded)).status, recorded);
      else checkAnswer(send(server, recorded), recorded, asked);
    });
  }
});
