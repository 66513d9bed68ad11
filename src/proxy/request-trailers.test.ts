import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removeField } from '../wire/http1/field-value.ts';
import { RequestTrailers, type TrailingRequest } from './request-trailers.ts';

type Hooks = NonNullable<NonNullable<TrailingRequest['route']>['forward']>['hooks'];

function requestOf(
  trailer: string,
  hooks: Hooks = null,
  fields = '',
  settled: readonly string[] = [],
): TrailingRequest {
  return {
    method: 'POST',
    host: 'a.test',
    path: '/',
    query: '',
    scheme: 'http',
    hostHasTls: false,
    contentLength: -1,
    authority: 'a.test',
    ports: { own: '80', https: 443 },
    clientAddress: '192.0.2.1',
    greedyPath: '',
    field: () => '',
    fieldValues: () => [],
    read: () => '',
    head: { fields, trailer },
    core: { settledNames: new Set(settled) },
    route: { forward: { hooks } },
  };
}

test('the announcement names what a trailer may carry, and nothing else', () => {
  const announced = (trailer: string): string => new RequestTrailers(requestOf(trailer), '').announcement;
  assert.equal(announced(''), '');
  assert.equal(announced('X-Sum, Content-Length,, Authorization , x-B'), 'Trailer: x-sum, x-b\r\n');
  assert.equal(announced('Host, X-Forwarded-For, x_real_ip, Trailer'), '');
  assert.equal(announced('a b, c\x00, é'), '');
  const many = Array.from({ length: 33 }, (_, index) => `x-${index}`);
  assert.equal(announced(many.join(',')), '', 'more names than fields may come');
  assert.notEqual(announced(many.slice(1).join(',')), '');
});

test('towards a peer that may not expect any, only what was announced goes on', () => {
  const trailers = new RequestTrailers(requestOf('X-Sum'), '');
  assert.equal(trailers.pass('x-SUM: 1\r\nX-Other: 2\r\n', true), 'x-SUM: 1\r\n');
  assert.equal(trailers.pass('x-SUM: 1\r\nX-Other: 2\r\n', false), 'x-SUM: 1\r\nX-Other: 2\r\n');
  assert.equal(new RequestTrailers(requestOf(''), '').pass('x-sum: 1\r\n', true), '');
});

test('T2: what features take away from the client, or say themselves, no trailer says', () => {
  // As one that sets X-User when it knows the user, and X-Tenant always.
  const hooks: Hooks = [
    (_, fields) => `${removeField(removeField(fields, 'x-user'), 'x-tenant')}X-Tenant: ours\r\n`,
  ];
  const request = requestOf('', hooks, 'X-Own: 1\r\n');
  const trailers = new RequestTrailers(request, 'X-Own: 1\r\nX-Tenant: ours\r\n');
  const lines = 'X-Sum: 1\r\nx-user: root\r\nX.User: root\r\nX-TENANT: theirs\r\nx.tenant: theirs\r\n';
  assert.equal(trailers.pass(lines, false), 'X-Sum: 1\r\n');
});

test('T2: nor what the settings say of every request', () => {
  const request = requestOf('X-Sum, X-Team', null, '', ['x-team']);
  const trailers = new RequestTrailers(request, '');
  assert.equal(trailers.announcement, 'Trailer: x-sum\r\n');
  assert.equal(trailers.pass('X-Sum: 1\r\nX-Team: root\r\nx_team: root\r\n', false), 'X-Sum: 1\r\n');
});
