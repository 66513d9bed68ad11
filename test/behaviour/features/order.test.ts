// order.yaml: for neighbours in the order of features one request that both would answer, and who does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { fieldOf, serve } from './annotated.ts';
import { bcrypt4, passwordSecret } from './password-objects.ts';

interface OrderCase {
  readonly pair: readonly [first: string, second: string];
  readonly annotations: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, string>>;
  /** Default true. */
  readonly endpoints?: boolean;
  readonly ask: string;
  readonly times?: number;
  readonly fields?: readonly string[];
  readonly want: { readonly status: number; readonly reason: string; readonly location?: string };
}

// The file is part of this test; a case of another shape fails in it.
const cases = parse(readFileSync(join(import.meta.dirname, 'order.yaml'), 'utf8')) as readonly OrderCase[];

test('the pairs are there, each once', () => {
  assert.ok(cases.length >= 20);
  assert.equal(new Set(cases.map(({ pair }) => pair.join())).size, cases.length);
});

for (const { pair, annotations, settings, endpoints, ask, times = 1, fields = [], want } of cases) {
  test(`${pair[0]} before ${pair[1]}`, async (t) => {
    const served = await serve(t, {
      annotations,
      ...(settings !== undefined && { settings }),
      hasEndpoints: endpoints ?? true,
      objects: [passwordSecret({ auth: `ada:${bcrypt4}` })],
    });
    const [method = '', target = ''] = ask.split(' ');
    const lines = fields.map((line) => `${line}\r\n`).join('');
    let answer = await served.ask(target, lines, method);
    for (let i = 1; i < times; i += 1) answer = await served.ask(target, lines, method);
    assert.equal(answer.status, want.status);
    assert.equal((await served.proxy.log()).at(-1)?.['reason'] ?? '', want.reason);
    if (want.location !== undefined) assert.equal(fieldOf(answer.head, 'location'), want.location);
    assert.equal(served.requests.length, want.reason === '' ? times : 0);
  });
}
