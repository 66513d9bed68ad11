// Pages of a list: tokens, and one state whatever is written meanwhile.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TestApi, widget, widgetsPath } from './rest.fixture.ts';

function shopOf(count: number): TestApi {
  const api = new TestApi();
  for (let index = 0; index < count; index += 1) {
    api.expect(201, 'POST', widgetsPath, { body: widget(`w${String(index).padStart(3, '0')}`) });
  }
  return api;
}

interface ListValue {
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  readonly items: readonly { metadata: { name: string; resourceVersion: string } }[];
}

function list(api: TestApi, query = '', path = widgetsPath): ListValue {
  return api.expect(200, 'GET', path, { query }) as unknown as ListValue;
}

const names = ({ items }: ListValue): string[] => items.map(({ metadata }) => metadata.name);
const after = (page: ListValue): string => encodeURIComponent(page.metadata.continue ?? '');

describe('pages of a list', () => {
  it('come one after the other, with what is left', () => {
    const api = shopOf(5);
    const first = list(api, 'limit=2');
    assert.deepEqual(names(first), ['w000', 'w001']);
    assert.equal(first.metadata.remainingItemCount, 3);
    const second = list(api, `limit=2&continue=${after(first)}`);
    assert.deepEqual(names(second), ['w002', 'w003']);
    const third = list(api, `limit=2&continue=${after(second)}`);
    assert.deepEqual(names(third), ['w004']);
    assert.equal(third.metadata.continue, undefined);
    assert.equal(third.metadata.remainingItemCount, undefined);
  });

  it('fill up with selected objects, and do not say how many are left', () => {
    const api = new TestApi();
    for (let index = 0; index < 40; index += 1) {
      const labels = index % 10 === 9 ? { pick: 'me' } : {};
      api.expect(201, 'POST', widgetsPath, {
        body: widget(`w${String(index).padStart(2, '0')}`, {}, { labels }),
      });
    }
    const first = list(api, 'limit=2&labelSelector=pick');
    assert.deepEqual(names(first), ['w09', 'w19']);
    assert.equal(first.metadata.remainingItemCount, undefined);
    const second = list(api, `limit=9&labelSelector=pick&continue=${after(first)}`);
    assert.deepEqual(names(second), ['w29', 'w39']);
    assert.equal(second.metadata.continue, undefined);
  });

  it('expire with a token to go on in the newest state', () => {
    const api = new TestApi(undefined, {}, { history: { minEvents: 1, minAgeMs: 0, maxEvents: 3 } });
    for (let index = 0; index < 5; index += 1) {
      api.expect(201, 'POST', widgetsPath, { body: widget(`w${index}`) });
    }
    const first = list(api, 'limit=2');
    for (
      let index = 0;
      index < 5000 && api.store.oldestRevision <= Number(first.metadata.resourceVersion);
      index += 1
    ) {
      api.time.advance(3_600_000);
      api.expect(200, 'PUT', `${widgetsPath}/w4`, { body: widget('w4', { size: index }) });
    }
    const gone = api.call('GET', widgetsPath, { query: `limit=2&continue=${after(first)}` });
    assert.equal(gone.status, 410);
    const status = gone.value as ListValue & { message: string; reason: string };
    assert.equal(status.reason, 'Expired');
    assert.match(
      status.message,
      /^The provided continue parameter is too old to display a consistent list result\./,
    );
    const rest = list(api, `limit=9&continue=${after(status)}`);
    assert.deepEqual(names(rest), ['w2', 'w3', 'w4']);
    assert.equal(rest.metadata.resourceVersion, String(api.store.revision));
    const old = api.call('GET', widgetsPath, {
      query: `resourceVersionMatch=Exact&resourceVersion=${first.metadata.resourceVersion}`,
    });
    assert.equal(old.status, 410);
    assert.equal(
      (old.value as Record<string, unknown>)['message'],
      'The resourceVersion for the provided list is too old.',
    );
  });

  it('refuse tokens that nobody gave out', () => {
    const api = shopOf(3);
    const token = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const v = 'meta.k8s.io/v1';
    const hostile = [
      '!!!',
      'a',
      token('text'),
      token(null),
      token([]),
      Buffer.from('{').toString('base64url'),
      token({}),
      token({ v: 'meta.k8s.io/v2', rv: 1, start: 'a\0' }),
      token({ v, rv: 0, start: 'a\0' }),
      token({ v, rv: 1.5, start: 'a\0' }),
      token({ v, rv: '1', start: 'a\0' }),
      token({ v, rv: 1, start: '' }),
      token({ v, rv: 1, start: 7 }),
      token({ v, rv: 1, start: '../secrets\0' }),
      token({ v, rv: 1, start: 'other/a\0' }),
      token({ v, rv: 1, start: '/a\0' }),
      token({ v, rv: 1, start: '.\0' }),
    ];
    for (const text of hostile) {
      const refusal = api.expect(400, 'GET', widgetsPath, { query: `continue=${encodeURIComponent(text)}` });
      assert.match(String(refusal['message']), /^invalid continue token: continue key is not valid/, text);
    }
    const future = token({ v, rv: api.store.revision + 1, start: 'a\0' });
    api.expect(504, 'GET', widgetsPath, { query: `continue=${future}` });
    const good = after(list(api, 'limit=1'));
    assert.equal(
      api.expect(400, 'GET', widgetsPath, { query: `continue=${good}&resourceVersion=1` })['message'],
      'specifying resource version is not allowed when using continue',
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const query = `continue=${encodeURIComponent(text)}`;
        const { status } = api.call('GET', widgetsPath, { query });
        assert.ok(text === '' ? status === 200 : status === 400, `${status} for ${text}`);
      }),
    );
  });

  it('show one state whatever is written meanwhile', () => {
    const write = fc.record({
      name: fc.integer({ min: 0, max: 12 }).map((index) => `w${index}`),
      action: fc.constantFrom('put', 'delete'),
      size: fc.nat(9),
    });
    const apply = (api: TestApi, { name, action, size }: { name: string; action: string; size: number }) => {
      if (action === 'delete') api.call('DELETE', `${widgetsPath}/${name}`);
      else if (api.call('PUT', `${widgetsPath}/${name}`, { body: widget(name, { size }) }).status === 404) {
        api.call('POST', widgetsPath, { body: widget(name, { size }) });
      }
    };
    fc.assert(
      fc.property(
        fc.array(write, { maxLength: 20 }),
        fc.array(fc.array(write, { maxLength: 4 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        (before, between, limit) => {
          const api = new TestApi();
          for (const step of before) apply(api, step);
          const whole = list(api);
          let page = list(api, `limit=${limit}`);
          const read = [...page.items];
          for (let index = 0; page.metadata.continue !== undefined; index += 1) {
            for (const step of between[index] ?? []) apply(api, step);
            page = list(api, `limit=${limit}&continue=${after(page)}`);
            assert.equal(page.metadata.resourceVersion, whole.metadata.resourceVersion);
            read.push(...page.items);
          }
          assert.deepEqual(read, whole.items);
        },
      ),
      { numRuns: 60 },
    );
  });
});
