import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { UserInfo } from '../rest/api-request.ts';
import { createAuthority, issueClientCertificate, issueServerCertificate } from './certificates.ts';
import {
  adminToken,
  authority,
  guestToken,
  startListener,
  validity,
  valueAnswer,
} from './listener.fixture.ts';

const seen: UserInfo[] = [];
let nowMs = Date.now();
const api = await startListener(
  (request) => {
    seen.push(request.user);
    return valueAnswer({ kind: 'Seen' });
  },
  { now: () => nowMs },
);
after(() => api.stop());

const unauthorized = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'Unauthorized',
  reason: 'Unauthorized',
  code: 401,
};

test('no credentials, unknown tokens and other schemes: 401 Unauthorized, and the API is not asked', async () => {
  const before = seen.length;
  const refused = [
    { token: null },
    { token: `${adminToken}x` },
    { token: adminToken.slice(0, -1) },
    { token: null, headers: { Authorization: 'Basic YTpi' } },
    { token: null, headers: { Authorization: 'Bearer' } },
    { token: null, headers: { 'X-Remote-User': 'admin', 'X-Remote-Group': 'system:masters' } },
  ];
  for (const options of refused) {
    const answer = await api.ask('/api/v1/namespaces', options);
    assert.equal(answer.status, 401);
    assert.deepEqual(JSON.parse(answer.body.toString()), unauthorized);
    assert.equal(answer.headers.connection, 'close');
  }
  assert.equal((await api.ask('/nowhere', { token: null })).status, 401);
  assert.equal(seen.length, before);
});

test('every known token is its user, in any case of the scheme', async () => {
  assert.equal((await api.ask('/api', { token: guestToken })).status, 200);
  assert.deepEqual(seen.at(-1), { name: 'guest', groups: ['system:authenticated'] });
  await api.ask('/api', { token: null, headers: { Authorization: `bearer ${adminToken}` } });
  assert.deepEqual(seen.at(-1), { name: 'admin', groups: ['system:masters', 'system:authenticated'] });
});

test('open pages: for everybody, but not with a token that is wrong', async () => {
  for (const path of [
    '/healthz',
    '/livez',
    '/readyz',
    '/readyz/ping',
    '/version',
    '/version/',
    '/version?timeout=32s',
  ]) {
    assert.equal((await api.ask(path, { token: null })).status, 200, path);
    assert.equal((await api.ask(path, { token: 'wrong' })).status, 401, path);
  }
  for (const path of ['/healthzz', '/metrics', '/api', '/openapi/v2'])
    assert.equal((await api.ask(path, { token: null })).status, 401, path);
});

test('a client certificate of our authority: CN is the user, O its groups, as long as it lasts', async () => {
  const user = { name: 'jane', groups: ['devs', 'ops'] };
  const { certificatePem, keyPem } = issueClientCertificate(authority, user, validity);
  const options = { token: null, cert: certificatePem, key: keyPem };
  assert.equal((await api.ask('/api', options)).status, 200);
  assert.deepEqual(seen.at(-1), { name: 'jane', groups: ['devs', 'ops', 'system:authenticated'] });
  nowMs = validity.notAfter.getTime() + 1000;
  assert.equal((await api.ask('/api', options)).status, 401);
  nowMs = Date.now();
});

test('other certificates prove nothing: of another authority, for servers, over, without a name', async () => {
  const other = createAuthority('Test authority', validity);
  const user = { name: 'admin', groups: ['system:masters'] };
  const past = { notBefore: new Date(Date.now() - 2000), notAfter: new Date(Date.now() - 1000) };
  const pairs = [
    issueClientCertificate(other, user, validity),
    issueServerCertificate(authority, ['admin'], validity),
    issueClientCertificate(authority, user, past),
    issueClientCertificate(authority, { name: '', groups: ['system:masters'] }, validity),
  ];
  for (const [index, { certificatePem, keyPem }] of pairs.entries()) {
    const options = { cert: certificatePem, key: keyPem };
    assert.equal((await api.ask('/api', { ...options, token: null })).status, 401, `pair ${index}`);
    assert.equal((await api.ask('/healthz', { ...options, token: null })).status, 401, `pair ${index}`);
    assert.equal((await api.ask('/api', options)).status, 200, `pair ${index} with a token`);
  }
});

test('impersonation: administrators speak for others, nobody else does', async () => {
  const headers = { 'Impersonate-User': 'bob', 'Impersonate-Group': 'devs' };
  await api.ask('/api', { headers });
  assert.deepEqual(seen.at(-1), { name: 'bob', groups: ['devs', 'system:authenticated'] });
  const refused = await api.ask('/api', { headers, token: guestToken });
  assert.equal(refused.status, 403);
  assert.match(refused.body.toString(), /User \\"guest\\" cannot impersonate resource \\"users\\"/);
  const nobody = await api.ask('/api', { headers: { 'Impersonate-Group': 'system:masters' } });
  assert.equal(nobody.status, 500);
  assert.notDeepEqual(seen.at(-1)?.groups, ['system:masters']);
});

test('what is logged names the request and no secret', async () => {
  await api.ask('/api/v1/namespaces/shop?token=query-secret', { token: 'wrong-secret' });
  await api.ask('/api/v1/namespaces/shop?token=query-secret');
  assert.match(api.log(), /"path":"\/api\/v1\/namespaces\/shop"/);
  assert.doesNotMatch(api.log(), /secret|admin-token|guest-token|Bearer/);
});

test('a renewed server certificate is served to new connections', async () => {
  const renewed = issueServerCertificate(authority, ['127.0.0.1', 'renewed.example'], validity);
  const open = await api.tls();
  api.listener.replaceTls({ ...renewed, clientAuthorityPem: authority.certificatePem });
  const next = await api.tls();
  assert.match(String(next.getPeerCertificate().subjectaltname), /DNS:renewed\.example/);
  assert.doesNotMatch(String(open.getPeerCertificate().subjectaltname), /renewed/);
  for (const socket of [open, next]) socket.destroy();
  const { certificatePem, keyPem } = issueClientCertificate(authority, { name: 'jo', groups: [] }, validity);
  assert.equal((await api.ask('/api', { token: null, cert: certificatePem, key: keyPem })).status, 200);
});
