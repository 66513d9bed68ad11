// Companions: programs of this benchmark that work beside what is measured (backend, churn, load), each a process of its own on the
// load core. They are told what to do and give back what they counted; they end with the benchmark.
import { spawn } from 'node:child_process';
import { nodePath } from '../macro/sallyport.ts';

/** The types by which the two sides speak; one for each program. Only what JSON has. */
export interface CompanionTypes {
  readonly input: unknown;
  /** Told when it has begun. */
  readonly ready: unknown;
  readonly result: unknown;
}

export interface Companion<Types extends CompanionTypes> {
  readonly ready: Types['ready'];
  /** Ends it; what it has counted. */
  readonly stop: () => Promise<Types['result']>;
}

type Order = { readonly kind: 'start'; readonly input: unknown } | { readonly kind: 'stop' };
type Answer = { readonly kind: 'ready' | 'result'; readonly value: unknown };

/** Rejects when the program ends before it is ready. `path`: a module that calls `serveCompanion`. */
export async function startCompanion<Types extends CompanionTypes>(
  core: number,
  path: string,
  input: Types['input'],
): Promise<Companion<Types>> {
  const child = spawn('taskset', ['-c', String(core), nodePath, path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ready = Promise.withResolvers<Types['ready']>();
  const result = Promise.withResolvers<Types['result']>();
  // Awaited only by whoever stops it.
  result.promise.catch(() => undefined);
  child.on('message', ({ kind, value }: Answer) => {
    if (kind === 'ready') ready.resolve(value);
    else result.resolve(value);
  });
  const fail = (reason: string): void => {
    const error = new Error(`${path}: ${reason}`);
    ready.reject(error);
    result.reject(error);
  };
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code) => fail(`ended with status ${code ?? 'of a signal'}`));
  const order = (order: Order): void => {
    child.send(order, (error) => (error === null ? undefined : fail(error.message)));
  };
  order({ kind: 'start', input });
  return {
    ready: await ready.promise,
    stop() {
      order({ kind: 'stop' });
      return result.promise;
    },
  };
}

/** The other side: called once by the companion's program. */
export function serveCompanion<Types extends CompanionTypes>(
  start: (input: Types['input']) => Promise<Companion<Types>>,
): void {
  let work: Companion<Types> | null = null;
  const answer = async (kind: Answer['kind'], value: unknown): Promise<void> => {
    await new Promise<void>((resolve) => process.send?.({ kind, value } satisfies Answer, () => resolve()));
  };
  const take = async (order: Order): Promise<void> => {
    if (order.kind === 'start') {
      work = await start(order.input);
      await answer('ready', work.ready);
      return;
    }
    await answer('result', await work?.stop());
    process.exit(0);
  };
  process.on('message', (order: Order) => void take(order));
  process.on('disconnect', () => process.exit(0));
}
