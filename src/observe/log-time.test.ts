import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { LogTime, renderMilliseconds, renderSeconds } from './log-time.ts';

const zone = process.env['TZ'];
after(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

function textsAt(timeZone: string, timeMs: number): LogTime {
  process.env['TZ'] = timeZone;
  const time = new LogTime();
  time.moveTo(timeMs);
  return time;
}

const moment = Date.UTC(2026, 10, 21, 1, 2, 3, 456);

test('the moment is rendered as nginx does, in the local zone', () => {
  assert.equal(textsAt('UTC', moment).local, '21/Nov/2026:01:02:03 +0000');
  assert.equal(textsAt('UTC', moment).iso8601, '2026-11-21T01:02:03+00:00');
  assert.equal(textsAt('UTC', moment).epochSeconds, '1795222923');
  assert.equal(textsAt('America/St_Johns', moment).local, '20/Nov/2026:21:32:03 -0330');
  assert.equal(textsAt('Asia/Kolkata', moment).iso8601, '2026-11-21T06:32:03+05:30');
});

test('the texts change with the second and not within it, also when the clock is set back', () => {
  process.env['TZ'] = 'UTC';
  const time = new LogTime();
  assert.equal(time.moveTo(moment), true);
  assert.equal(time.moveTo(moment + 543), false);
  assert.equal(time.moveTo(moment + 544), true);
  assert.equal(time.local, '21/Nov/2026:01:02:04 +0000');
  assert.equal(time.moveTo(moment - 3_600_000), true);
  assert.equal(time.local, '21/Nov/2026:00:02:03 +0000');
});

test('durations have three decimals', () => {
  assert.equal(renderSeconds(0), '0.000');
  assert.equal(renderSeconds(0.4), '0.000');
  assert.equal(renderSeconds(12.6), '0.013');
  assert.equal(renderSeconds(999.4), '0.999');
  assert.equal(renderSeconds(999.5), '1.000');
  assert.equal(renderSeconds(61_005), '61.005');
  assert.equal(renderSeconds(-3), '0.000');
  assert.equal(renderSeconds(Number.NaN), '0.000');
  assert.equal(renderSeconds(Number.POSITIVE_INFINITY), '0.000');
  assert.equal(renderMilliseconds(moment), '456');
  assert.equal(renderMilliseconds(moment - 451.5), '004');
});
