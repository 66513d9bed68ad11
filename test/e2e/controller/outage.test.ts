// The way to the API server is cut, held up and doubled: traffic flows on, readiness stays, metrics and log tell it, and afterwards
// what is served is what a controller serves that has just started.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeWorld, expectConverged, expectServing, startScene } from './outage-scene.ts';
import { waitFor } from './waiting.ts';

const timeout = 90_000;
const watchErrors = 'sallyport_api_server_watch_errors_total';

test('connections are reset, and new ones too', { timeout }, async (t) => {
  const scene = await startScene(t);
  const { proxy, controller } = scene;
  const before = await controller.metric(watchErrors);
  proxy.cut();
  await controller.waitFor(/contact with the API server is lost; what is known stays in force/);
  await waitFor('the metric tells', async () => (await controller.metric(watchErrors)) > before);
  await changeWorld(scene);
  await expectServing(scene);
  assert.match(await controller.page('/debug/table'), /host old\.test/, 'what was known is in force');
  proxy.restore();
  await controller.waitFor(/contact with the API server is back/);
  await expectConverged(t, scene);
});

test('the API server dies and comes back with its state', { timeout }, async (t) => {
  const scene = await startScene(t);
  const { server, controller } = scene;
  await server.kill();
  await controller.waitFor(/contact with the API server is lost/);
  await expectServing(scene);
  await server.start();
  await changeWorld(scene);
  await controller.waitFor(/contact with the API server is back/);
  await expectConverged(t, scene);
});

test('nothing is answered any more, and then connections end', { timeout }, async (t) => {
  const scene = await startScene(t);
  const { proxy, controller } = scene;
  const asked = proxy.asked.length;
  proxy.fault = () => ({ kind: 'hang' });
  proxy.endConnections();
  await waitFor('it asks in vain', () => proxy.asked.slice(asked).some(({ isWatch }) => isWatch));
  await changeWorld(scene);
  await expectServing(scene);
  proxy.fault = () => null;
  proxy.endConnections();
  await waitFor('the changes', async () => (await controller.page('/debug/table')).includes('host new.test'));
  await expectConverged(t, scene);
});

test('frames of watches come late, twice and again; watches end after every few', { timeout }, async (t) => {
  const scene = await startScene(t);
  const { proxy } = scene;
  proxy.fault = (asked) =>
    asked.isWatch ? { kind: 'lines', change: stutter() } : { kind: 'delay', timeMs: 50 };
  proxy.endConnections();
  await changeWorld(scene);
  await expectServing(scene);
  await expectConverged(t, scene);
});

/** Each frame twice, with the last few once more behind every third; the connection ends at the seventh. */
function stutter(): (line: string) => readonly string[] | null {
  const last: string[] = [];
  let count = 0;
  return (line) => {
    count += 1;
    last.push(line);
    if (count === 7) return null;
    return count % 3 === 0 ? [line, ...last.slice(-3), line] : [line, line];
  };
}
