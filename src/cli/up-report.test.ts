// What `up` says when it is ready, as far as it depends on what is served.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderUpReport, type UpReport } from './up-report.ts';

const report: UpReport = { ingresses: 1, hosts: 2, workers: 2, errors: 0, warnings: 0 };

test('renderUpReport: ports of TCP and UDP services are listed where there are any', () => {
  assert.doesNotMatch(renderUpReport(report, [], '1.0.0'), /ports/);
  const text = renderUpReport({ ...report, streams: ['tcp/5432', 'udp/53'] }, [], '1.0.0');
  assert.match(text, /^ {2}ports {2}tcp\/5432, udp\/53$/m);
});
