// A controller that was told to stop still has requests: until they have ended it follows what changes, while another one leads already.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { readHolder } from './lease.ts';
import { ingressOf, siteOf } from './objects.ts';
import { ownAddress } from './own-address.ts';
import { startApi, startReadyController } from './processes.ts';
import { waitFor } from './waiting.ts';

test('a controller that drains follows the changes, and no longer leads', { timeout: 90_000 }, async (t) => {
  const address = ownAddress();
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const { api, kubeconfigPath } = await startApi(t);
  await api.applyAll(siteOf('a', 'a.test', { address, port: (server.address() as AddressInfo).port }));
  const controller = await startReadyController(t, kubeconfigPath);
  await waitFor('a leader', controller.isLeading);

  const arrived = once(server, 'request') as Promise<[unknown, ServerResponse]>;
  const sent = request({ host: '127.0.0.1', port: controller.httpPort, headers: { host: 'a.test' } }).end();
  const answered = once(sent, 'response');
  const [, held] = await arrived;
  const version = (): Promise<number> => controller.metric('sallyport_published_table_version');

  controller.child.kill('SIGTERM');
  await waitFor('nobody leads', async () => (await readHolder(api)) === '');
  const before = await version();
  await api.apply(ingressOf('b', 'b.test', { service: 'a' }));
  await waitFor('a table with the new Ingress', async () => (await version()) > before);

  held.end('ok');
  const [response] = await answered;
  assert.equal(response.statusCode, 200);
  response.resume();
  assert.equal(await controller.ended, 0);
});
