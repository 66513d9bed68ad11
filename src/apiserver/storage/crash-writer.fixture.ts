// Run as a process of its own by store-crash.test.ts, which kills it: writes for ever, and prints each revision only when the
// store has acknowledged it. Every seventh write is a batch of three.
import { writeSync } from 'node:fs';
import { openStore } from './index.ts';
import { put, remove } from './store.fixture.ts';

const [path = ''] = process.argv.slice(2);
const store = openStore({ path, history: { minEvents: 50, minAgeMs: 0, maxEvents: 100 } });
for (let round = store.revision; ; round += 1) {
  const key = { resource: 'core/services', namespace: 'shop', name: `n${round % 40}` };
  if (round % 7 === 0) {
    store.batch(() => {
      for (const part of ['a', 'b', 'c']) {
        store.write([put({ resource: 'core/batches', namespace: '', name: part }, round)]);
      }
    });
  } else {
    store.write([round % 5 === 0 ? remove(key) : put(key, round)]);
  }
  // Name, value and revision of what is now durable.
  const last =
    round % 7 === 0 ? `batch ${round}` : round % 5 === 0 ? `delete ${key.name}` : `put ${key.name} ${round}`;
  writeSync(1, `${last} @${store.revision}\n`);
}
