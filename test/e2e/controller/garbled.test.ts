// Something else answers in the place of the API server: what it says is not believed, and what is known stays in force.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Asked, Fault } from './api-proxy.ts';
import { changeWorld, expectConverged, expectServing, startScene } from './outage-scene.ts';
import { waitFor } from './waiting.ts';

const timeout = 90_000;
const watchErrors = 'sallyport_api_server_watch_errors_total';
const page = '<html><body><h1>Sign in</h1></body></html>';
/** What answers in the place of an API server: sign-in pages, load balancers, other programs, halves of answers. */
const lies: readonly Fault[] = [
  { kind: 'answer', status: 200, body: page, type: 'text/html' },
  { kind: 'answer', status: 200, body: '' },
  { kind: 'answer', status: 200, body: '{}' },
  { kind: 'answer', status: 200, body: '{"kind":"List","items":[],"metadata":{}}' },
  { kind: 'answer', status: 200, body: '[]' },
  {
    kind: 'answer',
    status: 200,
    body: '{"kind":"IngressList","items":{"a":1},"metadata":{"resourceVersion":"1"}}',
  },
  { kind: 'answer', status: 404, body: page, type: 'text/html' },
  { kind: 'answer', status: 503, body: page, type: 'text/html' },
  {
    kind: 'answer',
    status: 403,
    body: '{"kind":"Status","status":"Failure","reason":"Forbidden","code":403}',
  },
  { kind: 'answer', status: 410, body: '{"kind":"Status","status":"Failure","reason":"Expired","code":410}' },
  { kind: 'cut', afterBytes: 0 },
  { kind: 'cut', afterBytes: 50 },
  { kind: 'lines', change: (line) => [line.slice(0, line.length / 2)] },
  { kind: 'lines', change: (line) => [`\u0000\u00ff${line}`] },
  { kind: 'lines', change: () => ['{"type":"MODIFIED","object":null}'] },
  { kind: 'lines', change: () => ['{"type":"ERROR","object":{"kind":"Status","code":500}}'] },
];

for (const part of [0, 1, 2]) {
  test(`answers are garbled, ${part + 1} of 3`, { timeout }, async (t) => {
    const scene = await startScene(t);
    const { proxy, controller } = scene;
    const chosen = lies.filter((_lie, index) => index % 3 === part);
    let next = 0;
    const before = await controller.metric(watchErrors);
    // Each question another lie, in turn; each kind of question meets several of them.
    proxy.fault = (asked: Asked) => {
      const lie = chosen[next % chosen.length] ?? null;
      next += 1;
      return lie?.kind === 'lines' && !asked.isWatch ? { kind: 'cut', afterBytes: 10 } : lie;
    };
    proxy.endConnections();
    await changeWorld(scene);
    await waitFor('it has met them all', () => next >= chosen.length + 6);
    await expectServing(scene);
    assert.match(await controller.page('/debug/table'), /host a\.test/);
    assert.ok((await controller.metric(watchErrors)) > before, 'the metric tells');
    assert.match(controller.output(), /contact with the API server is lost|does not let this program read/);
    proxy.fault = () => null;
    await expectConverged(t, scene);
  });
}
