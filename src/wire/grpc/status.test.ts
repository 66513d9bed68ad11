// What a proxy reads off a gRPC request, and how it says no.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grpcCodeOf, grpcStatusOf, grpcTimeoutOf, isGrpcFault, isGrpcType, mediaTypeOf } from './status.ts';

test('the media type is that of the first Content-Type, without parameters', () => {
  assert.equal(
    mediaTypeOf('A: b\r\nContent-Type: Application/gRPC+proto; x=y\r\n'),
    'application/grpc+proto',
  );
  assert.equal(
    mediaTypeOf('content-type:application/grpc\r\nContent-Type: text/html\r\n'),
    'application/grpc',
  );
  assert.equal(mediaTypeOf('X-Content-Type: application/grpc\r\n'), '');
  assert.equal(mediaTypeOf('X: content-type: application/grpc\r\n'), '');
  assert.equal(mediaTypeOf(''), '');
});

test('types of gRPC', () => {
  for (const type of ['', '+proto', '-web', '-web+proto', '-web-text', '-web-text+proto'])
    assert.ok(isGrpcType(`application/grpc${type}`), type);
  for (const type of [
    'application/grpcx',
    'application/grpc-webx',
    'application/grpc+',
    'application/grpc+<b>',
    'application/json',
    'x/application/grpc',
  ])
    assert.ok(!isGrpcType(type), type);
});

test('time-outs in all units; anything else says nothing', () => {
  const cases: Readonly<Record<string, number | null>> = {
    '1H': 3_600_000,
    '2M': 120_000,
    '3S': 3_000,
    '250m': 250,
    '1500u': 1.5,
    '0n': 0,
    '99999999S': 99_999_999_000,
    '100000000S': null,
    '1': null,
    '1s': null,
    '-1S': null,
    '1.5S': null,
    '': null,
  };
  for (const [text, ms] of Object.entries(cases))
    assert.equal(grpcTimeoutOf(`a: b\r\nGRPC-Timeout: ${text}\r\n`), ms, text);
  assert.equal(grpcTimeoutOf('x-grpc-timeout: 1S\r\n'), null);
});

test('statuses of HTTP have codes of gRPC', () => {
  const cases = {
    400: 13,
    401: 16,
    403: 7,
    404: 12,
    413: 8,
    429: 14,
    500: 13,
    502: 14,
    503: 14,
    504: 4,
    418: 2,
  };
  for (const [status, code] of Object.entries(cases)) assert.equal(grpcCodeOf(Number(status)), code, status);
});

test('the status at the end of a call, and whether the server is at fault', () => {
  assert.equal(grpcStatusOf('grpc-status: 14\r\ngrpc-message: gone\r\n'), 14);
  assert.equal(grpcStatusOf('X: 1\r\nGrpc-Status:0\r\n'), 0);
  for (const lines of [
    '',
    'x-grpc-status: 1\r\n',
    'grpc-status: -1\r\n',
    'grpc-status: 1e1\r\n',
    'grpc-status: 1000\r\n',
  ])
    assert.equal(grpcStatusOf(lines), null, lines);
  const faults = Array.from({ length: 17 }, (_, code) => code).filter((code) => isGrpcFault(code));
  assert.deepEqual(faults, [2, 4, 12, 13, 14, 15]);
  assert.ok(isGrpcFault(null));
});
