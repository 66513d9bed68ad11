// ClientHello: read from real clients and from hand-made bytes, over any records and pieces; everything else is refused.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { connect, type ConnectionOptions } from 'node:tls';
import fc from 'fast-check';
import { HelloReader, type HelloReading, maxHelloBytes, maxHelloWireBytes } from './index.ts';

function be16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

function vector16(content: readonly number[]): number[] {
  return [...be16(content.length), ...content];
}

function codes(text: string): number[] {
  return Array.from(text, (char) => char.charCodeAt(0));
}

function extension(type: number, content: readonly number[]): number[] {
  return [...be16(type), ...vector16(content)];
}

function serverName(name: string, type = 0): number[] {
  return extension(0, vector16([type, ...vector16(codes(name))]));
}

function alpn(...names: readonly string[]): number[] {
  return extension(16, vector16(names.flatMap((name) => [name.length, ...codes(name)])));
}

/** A ClientHello message; `rest`: what stands behind the compression methods. */
function message(rest: readonly number[], changes: { readonly suites?: readonly number[] } = {}): number[] {
  const suites = changes.suites ?? [0x13, 0x01];
  const body = [3, 3, ...Array<number>(32).fill(7), 0, ...vector16(suites), 1, 0, ...rest];
  return [1, body.length >> 16, ...be16(body.length & 0xffff), ...body];
}

function withExtensions(...extensions: readonly number[][]): number[] {
  return message(vector16(extensions.flat()));
}

/** The message in records of at most `size` bytes. */
function records(content: readonly number[], size = 16_384): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < content.length; at += size) {
    bytes.push(22, 3, 1, ...vector16(content.slice(at, at + size)));
  }
  return Uint8Array.from(bytes);
}

function read(bytes: Uint8Array, pieceBytes = bytes.length): HelloReading {
  const reader = new HelloReader();
  let reading: HelloReading = { kind: 'more' };
  for (let at = 0; at < bytes.length && reading.kind === 'more'; at += pieceBytes) {
    reading = reader.push(bytes.subarray(at, at + pieceBytes));
  }
  return reading;
}

/** The first bytes that a real client sends. */
async function captureHello(options: ConnectionOptions): Promise<Uint8Array> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ ...options, port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  client.destroy();
  server.close();
  return bytes;
}

describe('HelloReader', () => {
  it('reads what real clients send, TLS 1.2 and 1.3', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const bytes = await captureHello({
        servername: 'Shop.Example.com',
        ALPNProtocols: ['h2', 'http/1.1'],
        maxVersion,
      });
      const hello = { serverName: 'Shop.Example.com', protocols: ['h2', 'http/1.1'] };
      assert.deepEqual(read(bytes), { kind: 'done', hello });
      assert.deepEqual(read(bytes, 1), { kind: 'done', hello });
    }
    const bare = await captureHello({});
    assert.deepEqual(read(bare), { kind: 'done', hello: { serverName: null, protocols: [] } });
  });

  it('says the same for any records and pieces', () => {
    const content = withExtensions(extension(0x2a2a, [1]), serverName('a.test'), alpn('acme-tls/1'));
    const hello = { serverName: 'a.test', protocols: ['acme-tls/1'] };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 120 }), (size, piece) => {
        assert.deepEqual(read(records(content, size), piece), { kind: 'done', hello });
      }),
      { seed: 21, numRuns: 300 },
    );
  });

  it('needs every byte of the hello, and none behind it', () => {
    const bytes = records(withExtensions(serverName('a.test')), 20);
    for (let length = 0; length < bytes.length; length += 1) {
      assert.deepEqual(read(bytes.subarray(0, length)), { kind: 'more' }, `cut at ${length}`);
    }
    const followed = Uint8Array.from([...bytes, 23, 3, 3, 0, 1, 0]);
    assert.equal(read(followed).kind, 'done');
  });

  it('reads a hello without extensions', () => {
    const none = { kind: 'done', hello: { serverName: null, protocols: [] } };
    assert.deepEqual(read(records(message([]))), none);
    assert.deepEqual(read(records(withExtensions())), none);
  });

  const refusals: readonly (readonly [string, Uint8Array, string])[] = [
    ['HTTP', Uint8Array.from(codes('GET / HTTP/1.1\r\n')), 'not-tls'],
    ['an alert', Uint8Array.from([21, 3, 1, 0, 2, 1, 0]), 'not-tls'],
    ['SSL 2', Uint8Array.from([0x80, 0x2e, 1, 3, 1]), 'not-tls'],
    ['another major version', Uint8Array.from([22, 2, 0]), 'not-tls'],
    ['an empty record', Uint8Array.from([22, 3, 1, 0, 0]), 'not-tls'],
    ['a record too long', Uint8Array.from([22, 3, 1, 0x40, 1]), 'not-tls'],
    ['a ServerHello', records([2, 0, 0, 0]), 'not-a-hello'],
    ['a length beyond the bound', records([1, 0, ...be16(maxHelloBytes)]), 'hello-too-long'],
    ['bytes behind the hello in its record', records([...message([]), 0]), 'hello-malformed'],
    ['an empty message', records([1, 0, 0, 0]), 'hello-malformed'],
    ['an odd list of cipher suites', records(message([], { suites: [1, 2, 3] })), 'hello-malformed'],
    ['no cipher suite', records(message([], { suites: [] })), 'hello-malformed'],
    ['extensions cut', records(message([0, 9, 0, 0, 0, 1, 0])), 'hello-malformed'],
    ['bytes behind the extensions', records(message([0, 0, 1])), 'hello-malformed'],
    [
      'two server name extensions',
      records(withExtensions(serverName('a'), serverName('b'))),
      'hello-malformed',
    ],
    ['an extension twice', records(withExtensions(extension(5, []), extension(5, []))), 'hello-malformed'],
    ['an empty server name', records(withExtensions(serverName(''))), 'hello-malformed'],
    ['a NUL in the server name', records(withExtensions(serverName('a.test\0.b'))), 'hello-malformed'],
    ['a server name of 256 bytes', records(withExtensions(serverName('a'.repeat(256)))), 'hello-malformed'],
    ['another type of name', records(withExtensions(serverName('a', 1))), 'hello-malformed'],
    ['an empty list of names', records(withExtensions(extension(0, [0, 0]))), 'hello-malformed'],
    [
      'two names',
      records(withExtensions(extension(0, vector16([0, 0, 1, 97, 0, 0, 1, 98])))),
      'hello-malformed',
    ],
    ['an empty ALPN list', records(withExtensions(extension(16, [0, 0]))), 'hello-malformed'],
    ['an empty ALPN name', records(withExtensions(alpn(''))), 'hello-malformed'],
  ];
  for (const [name, bytes, reason] of refusals) {
    it(`refuses ${name}`, () => {
      assert.deepEqual(read(bytes), { kind: 'refused', reason });
      assert.deepEqual(read(bytes, 1), { kind: 'refused', reason });
    });
  }

  it('takes a hello of 16 KiB, and no more bytes than its bound in tiny records', () => {
    const long = withExtensions(extension(21, Array<number>(maxHelloBytes - 51).fill(0)));
    assert.equal(long.length, maxHelloBytes);
    assert.equal(read(records(long)).kind, 'done');
    const tiny = records(long, 1);
    assert.deepEqual(read(tiny), { kind: 'refused', reason: 'hello-too-long' });
    assert.deepEqual(read(tiny.subarray(0, maxHelloWireBytes - 1)), { kind: 'more' });
  });

  it('never throws, and stays with its verdict', () => {
    const content = withExtensions(serverName('a.test'), alpn('h2'));
    fc.assert(
      fc.property(fc.nat(content.length - 1), fc.nat(255), fc.nat(50), (at, value, piece) => {
        const changed = [...content];
        changed[at] = value;
        const bytes = records(changed);
        const reader = new HelloReader();
        const reading = reader.push(bytes);
        if (reading.kind !== 'more') assert.deepEqual(reader.push(bytes), reading);
        assert.deepEqual(read(bytes, piece + 1), reading);
      }),
      { seed: 22, numRuns: 500 },
    );
  });
});
