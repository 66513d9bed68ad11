// Run as a process of its own by write.test.ts, under a limit on the size of files (`ulimit -f`), which fails writes as a broken or
// full disk does. Writes until the disk refuses, and prints what the store says and holds then.
import { openStore } from './index.ts';
import { put, recordEvents, services } from './store.fixture.ts';

const [path = ''] = process.argv.slice(2);
const store = openStore({ path });
const told = recordEvents(store, store.revision);
let written = 0;
try {
  for (; written < 10_000; written += 1) {
    const name = `n${written}`;
    store.write([put({ resource: services, namespace: 'shop', name }, 'x'.repeat(3000))]);
  }
} catch (error) {
  const { revision } = store;
  const held = store.list({ resource: services, namespace: null }).objects.length;
  const problem: unknown = error instanceof Error ? Reflect.get(error, 'problem') : null;
  const message = error instanceof Error ? error.message : String(error);
  console.log(JSON.stringify({ written, revision, held, told: told.length, problem, message }));
}
store.close();
