// What is written is what a reader reads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hello, readPieces } from './frame-log.fixture.ts';
import { frameFlags, frameTypes, highestStreamId } from './frame-types.ts';
import {
  goawayFrameBytes,
  pingFrameBytes,
  resetFrameBytes,
  settingsFrameBytes,
  windowUpdateFrameBytes,
  writeFrameHeader,
  writeGoaway,
  writePing,
  writeReset,
  writeSettings,
  writeSettingsAck,
  writeWindowUpdate,
} from './frame-writer.ts';

const settings = [
  [1, 0xffff_ffff],
  [4, 65_536],
] as const;

const cases: readonly (readonly [size: number, line: string, write: (out: Buffer) => number])[] = [
  [resetFrameBytes, `reset ${highestStreamId} 8`, (out) => writeReset(out, 0, highestStreamId, 8)],
  [windowUpdateFrameBytes, 'window 0 2147483647', (out) => writeWindowUpdate(out, 0, 0, 2 ** 31 - 1)],
  [
    pingFrameBytes,
    'ping 6162636465666768 true',
    (out) => writePing(out, 0, Buffer.from('xabcdefghx'), 1, true),
  ],
  [goawayFrameBytes, 'goaway 11', (out) => writeGoaway(out, 0, highestStreamId, 11)],
  [9, 'settings-ack', (out) => writeSettingsAck(out, 0)],
  [
    settingsFrameBytes(settings),
    'settings 0001ffffffff000400010000',
    (out) => writeSettings(out, 0, settings),
  ],
];
for (const [size, line, write] of cases) {
  test(line, () => {
    const out = Buffer.alloc(size, 0xff);
    assert.equal(write(out), size);
    assert.deepEqual(readPieces([hello, out]).lines[1], line);
  });
}

test('a header of any length stands where it shall', () => {
  const out = Buffer.alloc(12, 0xff);
  assert.equal(
    writeFrameHeader(out, 1, 0x01_02_03, frameTypes.headers, frameFlags.endHeaders, 0x7fff_fffe),
    10,
  );
  assert.equal(out.toString('hex'), 'ff01020301047ffffffeffff');
});
