// Which representations the encoder chooses, and what it never does.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HpackDecoder, HpackEncoder, maxFieldBytes, maxSizeUpdatesBytes } from './index.ts';

/** The bytes of one field in a block of its own. */
function encode(encoder: HpackEncoder, name: string, value: string): Buffer {
  const target = Buffer.alloc(10_000);
  const at = encoder.begin(target, 0);
  return target.subarray(at, encoder.encodeString(target, at, name, value));
}

/** How the first byte says that a literal is to be treated, or that it is an index. */
function kindOf(block: Buffer): string {
  const first = block[0] ?? 0;
  if (first >= 0x80) return 'index';
  if (first >= 0x40) return 'inserted';
  return first >= 0x10 ? 'secret' : 'plain';
}

/** The kinds of the same field, four times in a row on one connection. */
function kindsOf(name: string, value: (time: number) => string): string[] {
  const encoder = new HpackEncoder(4_096);
  return [0, 1, 2, 3].map((time) => kindOf(encode(encoder, name, value(time))));
}

describe('what goes into the table', () => {
  it('static entries are indexes at once', () => {
    const encoder = new HpackEncoder(4_096);
    assert.deepEqual([...encode(encoder, ':status', '200')], [0x88]);
    assert.deepEqual([...encode(encoder, ':status', '404')], [0x8d]);
    assert.deepEqual([...encode(encoder, ':method', 'POST')], [0x83]);
    assert.deepEqual([...encode(encoder, 'accept-encoding', 'gzip, deflate')], [0x90]);
    assert.equal(encoder.tableBytes, 0);
  });

  it('what most responses repeat: when it comes first', () => {
    for (const name of ['server', 'content-type', 'vary', 'strict-transport-security']) {
      assert.deepEqual(
        kindsOf(name, () => 'v'),
        ['inserted', 'index', 'index', 'index'],
        name,
      );
    }
  });

  it('what nobody knows: when it comes again', () => {
    for (const name of ['x-tenant', 'date', ':status']) {
      assert.deepEqual(
        kindsOf(name, () => '218'),
        ['plain', 'inserted', 'index', 'index'],
        name,
      );
    }
  });

  it('a name whose value changes: once, for the name', () => {
    assert.deepEqual(kindsOf('x-changes', String), ['plain', 'inserted', 'plain', 'plain']);
    const encoder = new HpackEncoder(4_096);
    const lengths = [0, 1, 2, 3].map((time) => encode(encoder, 'x-changes', String(time)).length);
    assert.deepEqual(lengths, [13, 13, 4, 4]);
    assert.deepEqual(kindsOf('last-modified', String), ['plain', 'plain', 'plain', 'plain']);
  });

  it('what changes by its nature: never', () => {
    for (const name of ['content-length', 'etag', 'location', ':path', 'x-request-id']) {
      assert.deepEqual(
        kindsOf(name, () => 'v'),
        ['plain', 'plain', 'plain', 'plain'],
        name,
      );
    }
  });

  it('secrets: never, and in no table behind us', () => {
    for (const name of ['set-cookie', 'authorization', 'proxy-authorization', 'cookie', 'x-csrf-token']) {
      assert.deepEqual(
        kindsOf(name, () => 'v=0123456789'),
        ['secret', 'secret', 'secret', 'secret'],
        name,
      );
    }
    assert.deepEqual(
      kindsOf('cookie', () => 'session=0123456789abcdef'),
      ['plain', 'inserted', 'index', 'index'],
    );
  });

  it('an entry that would push the others out: never', () => {
    assert.deepEqual(
      kindsOf('content-security-policy', () => 'x'.repeat(2_100)),
      Array(4).fill('plain'),
    );
  });

  it('names of an object are names like others', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      assert.deepEqual(
        kindsOf(name, () => 'v'),
        ['plain', 'inserted', 'index', 'index'],
        name,
      );
    }
  });

  it('ever new names and values leave the table within its size', () => {
    const encoder = new HpackEncoder(4_096);
    for (let i = 0; i < 2_000; i += 1) {
      for (const _ of [1, 2]) encode(encoder, `x-${i % 300}`, `value ${i}`);
      encode(encoder, 'content-type', `type/${i}`);
      assert.ok(encoder.tableBytes <= 4_096);
    }
    assert.equal(kindOf(encode(encoder, 'content-type', 'type/1999')), 'index');
  });
});

describe('sizes of the table', () => {
  const updates = (encoder: HpackEncoder): string => {
    const target = Buffer.alloc(100);
    return target.toString('hex', 0, encoder.begin(target, 0));
  };

  it('says nothing where the peer knows the size', () => {
    const encoder = new HpackEncoder(4_096);
    assert.equal(updates(encoder), '');
    encoder.setMaxTableBytes(4_096);
    encoder.setMaxTableBytes(65_536);
    assert.equal(updates(encoder), '');
  });

  it('takes what the peer offers, up to its own bound, and says so once', () => {
    const encoder = new HpackEncoder(8_192);
    assert.equal(updates(encoder), '');
    encoder.setMaxTableBytes(2 ** 32 - 1);
    assert.equal(updates(encoder), '3fe13f');
    assert.equal(updates(encoder), '');
  });

  it('says the lowest of several sizes first', () => {
    const encoder = new HpackEncoder(4_096);
    encode(encoder, 'server', 'v');
    for (const setting of [100, 0, 4_096]) encoder.setMaxTableBytes(setting);
    assert.equal(encoder.tableBytes, 0);
    assert.equal(updates(encoder), '203fe11f');
    assert.equal(kindOf(encode(encoder, 'server', 'v')), 'inserted');
  });

  it('works without a table', () => {
    const encoder = new HpackEncoder(0);
    assert.equal(updates(encoder), '20');
    for (const _ of [1, 2, 3]) assert.equal(kindOf(encode(encoder, 'server', 'v')), 'plain');
    assert.equal(encoder.tableBytes, 0);
  });
});

describe('room', () => {
  it('too little of it changes nothing', () => {
    const encoder = new HpackEncoder(4_096);
    encoder.setMaxTableBytes(1_000);
    const small = Buffer.alloc(maxSizeUpdatesBytes - 1, 0xee);
    assert.equal(encoder.begin(small, 0), -1);
    const field = Buffer.alloc(maxFieldBytes(6, 3) - 1, 0xee);
    assert.equal(encoder.encodeString(field, 0, 'server', 'abc'), -1);
    assert.equal(encoder.encodeBytes(field, 0, 'server', Buffer.from('abc'), 0, 3), -1);
    assert.ok([...small, ...field].every((byte) => byte === 0xee));
    assert.equal(encoder.tableBytes, 0);
    assert.equal(encoder.begin(Buffer.alloc(maxSizeUpdatesBytes), 0), 3);
    const enough = Buffer.alloc(5 + maxFieldBytes(6, 3));
    assert.ok(encoder.encodeString(enough, 5, 'server', 'abc') > 0);
  });

  it('text, a part of a text and bytes are the same value', () => {
    for (const value of ['', 'v', 'value', 'a value that is long enough for a call', '\xe9\xff'.repeat(20)]) {
      const [whole, part, bytes] = [1, 2, 3].map(() => new HpackEncoder(4_096));
      const head = `server: ${value}\r\n`;
      const buffer = Buffer.from(head, 'latin1');
      const end = 8 + value.length;
      for (const name of ['server', 'etag', 'x-a', 'x-a', 'server']) {
        const targets = [0, 1, 2].map(() => Buffer.alloc(200));
        const ends = [
          whole?.encodeString(targets[0] ?? buffer, 0, name, value),
          part?.encodeString(targets[1] ?? buffer, 0, name, head, 8, end),
          bytes?.encodeBytes(targets[2] ?? buffer, 0, name, buffer, 8, end),
        ];
        assert.equal(new Set(ends).size, 1);
        assert.deepEqual(targets[1], targets[0]);
        assert.deepEqual(targets[2], targets[0]);
      }
    }
  });

  it('the table keeps nothing of what the value was cut from', () => {
    // The bytes are used again at once, as read buffers are.
    const encoder = new HpackEncoder(4_096);
    const decoder = new HpackDecoder(4_096);
    const bytes = Buffer.from('sallyport');
    const target = Buffer.alloc(100);
    const at = encoder.encodeBytes(target, 0, 'server', bytes, 0, 9);
    bytes.fill(0x78);
    const next = encoder.encodeString(target, at, 'server', 'sallyport');
    const fields: string[] = [];
    decoder.decode(target, 0, next, fields, { maxFields: 9, maxListBytes: 999 });
    assert.deepEqual(fields, ['server', 'sallyport', 'server', 'sallyport']);
    assert.equal(next, at + 1);
  });
});
