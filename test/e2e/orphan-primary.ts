// A primary process that a test kills: starts two workers on the given ports, serves one host from the given origin, and says when it is ready.
import { makePatch } from '../behaviour/table.ts';
import { testSettings } from '../behaviour/harness.ts';
import { makeSupervisor } from './worker-load.ts';

const [httpPort = 0, originPort = 0] = process.argv.slice(2).map(Number);
const supervisor = makeSupervisor({
  ...testSettings({ listen: { httpPort }, accessLog: { format: 'off', path: '-' } }),
  workers: 2,
});
await supervisor.start();
supervisor.publish(
  makePatch({ hosts: { 'a.test': [{ upstream: 'web' }] }, upstreams: { web: [originPort] } }),
);
await supervisor.whenReady();
console.log('ready');
