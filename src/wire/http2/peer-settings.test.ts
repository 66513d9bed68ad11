import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCodes } from './frame-types.ts';
import { PeerSettings } from './peer-settings.ts';

function take(peer: PeerSettings, ...entries: readonly (readonly [id: number, value: number])[]): number {
  // Offsets other than 0 count too.
  const bytes = Buffer.alloc(2 + 6 * entries.length, 0xff);
  entries.forEach(([id, value], i) => {
    bytes.writeUInt16BE(id, 2 + 6 * i);
    bytes.writeUInt32BE(value, 4 + 6 * i);
  });
  return peer.take(bytes, 2, bytes.length);
}

test('of several values the last holds; of the table the smallest is told too, of the window the largest', () => {
  const peer = new PeerSettings();
  assert.equal(take(peer, [1, 100], [1, 0], [1, 50], [4, 9], [4, 70_000], [4, 5], [5, 16_385]), 0);
  assert.deepEqual(
    [peer.leastTableBytes, peer.tableBytes, peer.initialWindowBytes, peer.mostWindowBytes],
    [0, 50, 5, 70_000],
  );
  assert.equal(take(peer), 0);
  assert.deepEqual(
    [peer.leastTableBytes, peer.tableBytes, peer.initialWindowBytes, peer.mostWindowBytes],
    [-1, -1, 5, 5],
  );
});

test('what a client may not ask for', () => {
  const bad: readonly (readonly [id: number, value: number, code: number])[] = [
    [2, 2, errorCodes.protocol],
    [4, 2 ** 31, errorCodes.flowControl],
    [5, 16_383, errorCodes.protocol],
    [5, 2 ** 24, errorCodes.protocol],
  ];
  for (const [id, value, code] of bad) assert.equal(take(new PeerSettings(), [id, value]), code);
});

test('what means nothing here is passed over', () => {
  assert.equal(
    take(new PeerSettings(), [2, 0], [2, 1], [3, 0], [6, 1], [8, 7], [9, 5], [0xffff, 0xffff_ffff]),
    0,
  );
});
