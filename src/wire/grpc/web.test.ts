// gRPC-Web: which requests are meant, Base64 in whatever pieces it comes, trailers as the last frame.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GrpcWeb, replaceContentType } from './web.ts';

function webOf(mediaType: string): GrpcWeb {
  const web = GrpcWeb.of(mediaType);
  assert.ok(web !== null, mediaType);
  return web;
}

test('the types of gRPC-Web and what they become', () => {
  const cases = {
    'application/grpc-web': ['application/grpc', false],
    'application/grpc-web+proto': ['application/grpc+proto', false],
    'application/grpc-web-text': ['application/grpc', true],
    'application/grpc-web-text+json': ['application/grpc+json', true],
  } as const;
  for (const [type, [grpcType, isText]] of Object.entries(cases)) {
    const web = webOf(type);
    assert.deepEqual([web.grpcType, web.isText, web.mediaType], [grpcType, isText, type]);
  }
  for (const type of [
    'application/grpc',
    'application/grpc+proto',
    'application/grpc-webtext',
    'text/plain',
    '',
  ])
    assert.equal(GrpcWeb.of(type), null, type);
});

test('binary bodies pass as they are', () => {
  const web = webOf('application/grpc-web');
  const bytes = Buffer.from([0, 0, 0, 0, 1, 255]);
  assert.equal(web.decodeRequest(bytes, true), bytes);
  assert.equal(web.encodeResponse(bytes), bytes);
});

test('Base64 is decoded however it is cut, with padding anywhere that a part may end', () => {
  const part = fc.uint8Array({ maxLength: 20 });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), fc.array(fc.nat({ max: 100 })), (parts, cuts) => {
      const text = parts.map((bytes) => Buffer.from(bytes).toString('base64')).join('');
      const web = webOf('application/grpc-web-text');
      const positions = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
      const decoded = positions.map((end, index) => {
        const piece = Buffer.from(text.slice(positions[index - 1] ?? 0, end), 'latin1');
        return web.decodeRequest(piece, index === positions.length - 1);
      });
      assert.ok(decoded.every((piece) => piece !== null));
      assert.deepEqual(Buffer.concat(decoded), Buffer.concat(parts));
    }),
  );
});

test('what is not Base64 is refused', () => {
  for (const text of ['ab!c', 'abc', 'ab=c', '=abc', '====', 'ab c', 'a===', 'abcd\r\n'])
    assert.equal(webOf('application/grpc-web-text').decodeRequest(Buffer.from(text), true), null, text);
});

test('trailers become a frame with their flag, names in lower case', () => {
  const frame = webOf('application/grpc-web').encodeTrailers('Grpc-Status: 0\r\ngrpc-message: Ok\r\n');
  assert.equal(frame[0], 0x80);
  assert.equal(frame.readUInt32BE(1), frame.length - 5);
  assert.equal(frame.toString('latin1', 5), 'grpc-status: 0\r\ngrpc-message: Ok\r\n');
  const text = webOf('application/grpc-web-text').encodeTrailers('grpc-status: 0\r\n').toString();
  assert.equal(Buffer.from(text, 'base64').toString('latin1', 5), 'grpc-status: 0\r\n');
});

test('another Content-Type, and no length', () => {
  const lines = 'A: b\r\ncontent-type: x/y\r\nContent-Length: 3\r\nC: d\r\n';
  assert.equal(replaceContentType(lines, 'z/z'), 'A: b\r\nC: d\r\nContent-Type: z/z\r\n');
});
