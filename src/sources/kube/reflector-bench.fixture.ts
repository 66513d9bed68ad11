// ReflectorBench: a reflector on a fake server in fake time, and what it has told.
import type { TestContext } from 'node:test';
import { FakeApiServer, type FakeObject } from './fake-api-server.fixture.ts';
import { FakeTiming } from './fake-timing.fixture.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

export const things = '/apis/test/v1/things';

export class ReflectorBench {
  readonly server = new FakeApiServer([things]);
  readonly timing: FakeTiming;
  readonly reflector: Reflector;
  /** What the taker has now, by key. */
  readonly known = new Map<string, FakeObject>();
  /** Everything told since the last `take`. */
  #told: string[] = [];
  readonly troubles: (string | null)[] = [];

  constructor(test: TestContext | null, options: Partial<ReflectorOptions> = {}, random?: () => number) {
    this.timing = new FakeTiming(random);
    this.reflector = new Reflector({
      client: this.server,
      timing: this.timing,
      path: things,
      isOptional: false,
      ...options,
      sink: {
        set: (key, object) => {
          const thing = object as unknown as FakeObject;
          this.known.set(key, thing);
          this.#told.push(`set ${key} ${thing.metadata.resourceVersion}`);
        },
        removed: (key) => {
          this.onRemoved(key);
          this.known.delete(key);
          this.#told.push(`removed ${key}`);
        },
        listed: () => this.#told.push('listed'),
        refused: (status) => this.#told.push(`refused ${status}`),
        trouble: (reason) => this.troubles.push(reason),
      },
    });
    test?.after(() => this.reflector.stop());
  }

  onRemoved: (key: string) => void = () => undefined;

  /** Starts it and takes what it tells at first. */
  async start(): Promise<string[]> {
    this.reflector.start();
    await this.timing.settle();
    return this.take();
  }

  take(): string[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  async taken(): Promise<string[]> {
    await this.timing.settle();
    return this.take();
  }
}
