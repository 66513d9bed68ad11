// A process that is killed in the middle of writing: all that it acknowledged is there, nothing is half there, and no revision is
// given out twice.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore } from './index.ts';
import { recordEvents, services, statePath, valueOf } from './store.fixture.ts';

/** Lines that the writer printed until it was killed, some time after `enough` of them. */
async function runUntilKilled(path: string, enough: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-writer.fixture.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let text = '';
  child.stdout.setEncoding('latin1').on('data', (piece: string) => {
    text += piece;
    if (text.split('\n').length > enough) child.kill('SIGKILL');
  });
  const [, signal] = await ended;
  assert.equal(signal, 'SIGKILL', 'the writer stopped by itself');
  // The last line may be cut.
  return text.split('\n').slice(0, -1);
}

function revisionOf(line: string): number {
  return Number(line.split('@')[1]);
}

test('every acknowledged write is there after kill -9, again and again', async () => {
  const path = statePath();
  const expected = new Map<string, number | null>();
  let acknowledged = 1;
  for (const enough of [30, 75, 150]) {
    for (const line of await runUntilKilled(path, enough)) {
      assert.ok(revisionOf(line) >= acknowledged, `"${line}" gives a revision out again`);
      acknowledged = revisionOf(line);
      const [kind = '', name = '', value] = line.split(' ');
      if (kind !== 'batch') expected.set(name, kind === 'delete' ? null : Number(value));
    }
    const store = openStore({ path });
    assert.ok(
      store.revision >= acknowledged && store.revision <= acknowledged + 3,
      'at most one write was under way',
    );
    const told = recordEvents(store, acknowledged);
    for (const [name, value] of expected) {
      // The write that was under way may have reached the disk.
      if (told.some((event) => event.includes(`shop/${name} `))) continue;
      const found = store.get({ resource: services, namespace: 'shop', name });
      assert.equal(found === null ? null : valueOf(found), value, name);
    }
    const { objects } = store.list({ resource: 'core/batches', namespace: null });
    assert.equal(new Set(objects.map(valueOf)).size, objects.length === 0 ? 0 : 1, 'a batch is whole');
    acknowledged = store.revision;
    store.close();
  }
});
