// Client certificates with real handshakes: what each mode lets pass, and what endpoints are told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, client, handshake, root, start, statusOf, stranger } from './client-hosts.ts';
import { okResponse, RawClient, startAnswering } from './harness.ts';
import { makePatch, type TableSpec } from './table.ts';
import { makeAuthorityUnit, makeClientAuth, TestAuthority } from './test-authority.ts';

const intermediate = new TestAuthority('intermediate', root);
const versions = ['TLSv1.2', 'TLSv1.3'] as const;

test('on: a valid certificate passes, none and any other get 400, by TLS 1.2 and 1.3', async (t) => {
  const { proxy } = await start(t);
  const expired = root.issue('client', { notAfter: new Date(Date.now() - 60_000) });
  const forServers = root.issue('client', { usage: 'serverAuth' });
  for (const maxVersion of versions) {
    const options = { maxVersion };
    assert.equal(await statusOf(t, proxy, client, options), 200);
    for (const bad of [null, stranger.issue('client'), expired, forServers]) {
      assert.equal(await statusOf(t, proxy, bad, options), 400);
    }
  }
  const reasons = (await proxy.log()).map(({ reason }) => reason).filter((reason) => reason !== '');
  assert.deepEqual([...new Set(reasons)], ['client-certificate-missing', 'client-certificate-invalid']);
});

test('optional: none passes, a bad one does not; optional_no_ca: one by a stranger passes, an expired one does not', async (t) => {
  const expired = root.issue('client', { notAfter: new Date(Date.now() - 60_000) });
  const cases = [
    ['optional', null, 200, 'NONE'],
    ['optional', client, 200, 'SUCCESS'],
    ['optional', stranger.issue('x'), 400, ''],
    ['optional-no-ca', null, 200, 'NONE'],
    ['optional-no-ca', stranger.issue('x'), 200, 'FAILED:unable to verify the first certificate'],
    ['optional-no-ca', expired, 400, ''],
  ] as const;
  for (const [mode, identity, status, verify] of cases) {
    const { proxy, seen } = await start(t, { mode });
    assert.equal(await statusOf(t, proxy, identity), status);
    assert.equal(seen().get('ssl-client-verify') ?? '', verify);
  }
});

test('endpoints are told of the certificate, and never by the client', async (t) => {
  const forged =
    'SSL-Client-Verify: SUCCESS\r\nssl-client-subject-dn: CN=root\r\nssl-client-issuer-dn: CN=x\r\nssl-client-cert: x\r\nssl_client_verify: SUCCESS\r\n';
  const { proxy, seen } = await start(t, { passesCertificate: true });
  await ask(await handshake(t, proxy, client), 'a.test', forged);
  const told = [...seen()].filter(([name]) => name.startsWith('ssl'));
  assert.deepEqual(told, [
    ['ssl-client-verify', 'SUCCESS'],
    ['ssl-client-subject-dn', 'CN=client,O=Shop\\, \\"Inc\\"'],
    ['ssl-client-issuer-dn', 'CN=root'],
    ['ssl-client-cert', encodeURIComponent(client.cert)],
  ]);
  await ask(await handshake(t, proxy, client, { servername: 'open.test' }), 'open.test', forged);
  assert.deepEqual(
    [...seen()].filter(([name]) => name.startsWith('ssl')),
    [],
  );
});

test('the certificate itself goes to endpoints only where it was asked for', async (t) => {
  const { proxy, seen } = await start(t);
  await ask(await handshake(t, proxy, client));
  assert.equal(seen().get('ssl-client-verify'), 'SUCCESS');
  assert.equal(seen().has('ssl-client-cert'), false);
});

test('depth: certificates between the client’s and the authority count, whatever else is sent', async (t) => {
  const deeper = new TestAuthority('deeper', intermediate);
  const viaOne = intermediate.issue('client');
  const viaTwo = deeper.issue('client');
  const one = { ...viaOne, cert: viaOne.cert + intermediate.pem };
  const two = { ...viaTwo, cert: viaTwo.cert + deeper.pem + intermediate.pem };
  // A forged root of the same name, to make the chain look shorter.
  const forged = {
    ...two,
    cert: two.cert + new TestAuthority('deeper').pem + new TestAuthority('intermediate').pem,
  };
  for (const [maxIntermediates, statuses] of [
    [0, [200, 400, 400, 400]],
    [1, [200, 200, 400, 400]],
    [2, [200, 200, 200, 200]],
  ] as const) {
    const { proxy } = await start(t, { maxIntermediates });
    const found = [];
    for (const identity of [client, one, two, forged]) found.push(await statusOf(t, proxy, identity));
    assert.deepEqual(found, statuses, `depth ${maxIntermediates}`);
  }
});

test('revoked certificates get 400, as does everybody when the list is not of the authority', async (t) => {
  const revoked = root.issue('client');
  const withList = (crlPem: string): Partial<TableSpec> => ({
    authorities: [makeAuthorityUnit('test/ca', root.pem, crlPem)],
  });
  const { proxy, table } = await start(t, {}, withList(root.revoke(revoked)));
  assert.equal(await statusOf(t, proxy, client), 200);
  assert.equal(await statusOf(t, proxy, revoked), 400);
  proxy.worker.apply(makePatch({ ...table, ...withList(stranger.revoke()) }, 2));
  assert.equal(await statusOf(t, proxy, client), 400);
});

test('the subject must match from a common name on, for plain HTTP and without certificate too', async (t) => {
  const { proxy } = await start(t, { mode: 'optional', subjectPattern: 'CN=cl[ij]ent' });
  assert.equal(await statusOf(t, proxy, client), 200);
  assert.equal(await statusOf(t, proxy, root.issue('other')), 403);
  for (const spoof of [
    root.issue('CN=client'),
    root.issue('x,CN=client'),
    root.issue('x\\,CN=client'),
    root.issue('x', { organizations: ['CN=client', ',CN=client', '\\,CN=client', '+CN=client'] }),
  ]) {
    assert.equal(await statusOf(t, proxy, spoof), 403);
  }
  assert.equal(await statusOf(t, proxy, null), 403);
  const plain = await RawClient.open(t, proxy.port);
  assert.match(await ask(plain), /^403 /);
});

test('the error page is a redirect', async (t) => {
  const { proxy } = await start(t, { errorUrl: 'https://login.test/cert?x=1' });
  for (const identity of [null, stranger.issue('x')]) {
    const text = await ask(await handshake(t, proxy, identity));
    assert.match(text, /^302 [^]*\r\nLocation: https:\/\/login\.test\/cert\?x=1\r\n/);
  }
});

test('an error page may be a path of the host: it is served, and nothing else', async (t) => {
  const part = (port: number): Partial<TableSpec> => ({
    hosts: {
      'a.test': [
        { path: '/denied', upstream: 'web' },
        { path: '/', status: 418 },
      ],
    },
    upstreams: { web: [port] },
  });
  let request = '';
  const port = await startAnswering(t, (text) => {
    request = text;
    return okResponse('page');
  });
  const { proxy } = await start(t, { errorUrl: '/denied?why=1' }, part(port));
  const forged = 'ssl-client-verify: SUCCESS\r\n';
  const verify = (): string => /^ssl-client-verify: (.*)\r$/im.exec(request)?.[1] ?? '';
  assert.match(await ask(await handshake(t, proxy, null), 'a.test', forged), /^200 [^]*page$/);
  assert.match(request, /^GET \/denied\?why=1 HTTP\/1\.1\r\n/);
  assert.equal(verify(), 'NONE');
  assert.match(await ask(await handshake(t, proxy, stranger.issue('x'))), /^200 /);
  assert.match(verify(), /^FAILED:unable to verify/);
  assert.match(await ask(await handshake(t, proxy, client)), /^418 /);
  assert.match(await ask(await RawClient.open(t, proxy.port)), /^200 /, 'plain HTTP shows no certificate');
  const lines = await proxy.log();
  assert.deepEqual(
    lines.map(({ status, reason }) => [status, reason]),
    [
      [200, 'client-certificate-missing'],
      [200, 'client-certificate-invalid'],
      [418, 'test-status'],
      [200, 'client-certificate-missing'],
    ],
  );
});

test('what is no request for a page gets the plain answer; what guards the page holds', async (t) => {
  const hosts = {
    'a.test': [
      {
        path: '/denied',
        upstream: 'web',
        policies: { 'source-ranges': { allowed: ['192.0.2.0/24'], denied: [] } },
      },
      { path: '/', upstream: 'web' },
    ],
  };
  const { proxy, seen } = await start(t, { errorUrl: '/denied' }, { hosts });
  for (const request of [
    'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\nx',
    'DELETE / HTTP/1.1\r\nHost: a.test\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\nx',
    'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n',
  ]) {
    const raw = new RawClient(await handshake(t, proxy, null));
    raw.send(request);
    assert.match(await raw.responses(1), /^HTTP\/1\.1 400 /, request);
  }
  assert.match(await ask(await handshake(t, proxy, null)), /^403 /, 'not from this address');
  assert.equal(seen().size, 0);
});

test('plain HTTP shows nothing: refused where a certificate is required, behind the redirect to HTTPS', async (t) => {
  const { proxy } = await start(t);
  assert.match(await ask(await RawClient.open(t, proxy.port)), /^400 /);
  const redirecting = await start(
    t,
    {},
    {
      hosts: {
        'a.test': [
          { status: 200, policies: { 'ssl-redirect': { mode: 'always', preservesTrailingSlash: true } } },
        ],
      },
    },
  );
  assert.match(await ask(await RawClient.open(t, redirecting.proxy.port)), /^308 /);
  const optional = await start(t, { mode: 'optional' });
  assert.match(
    await ask(await RawClient.open(t, optional.proxy.port), 'a.test', 'ssl-client-verify: SUCCESS\r\n'),
    /^200 /,
  );
  assert.equal(optional.seen().has('ssl-client-verify'), false);
});

test('a missing authority, and one that cannot be used, lets nobody in', async (t) => {
  const brokenList = '-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n';
  const cases: readonly (readonly [Partial<TableSpec>, RegExp])[] = [
    [{ authorities: [] }, /^503 /],
    [{ authorities: [makeAuthorityUnit('test/ca', root.pem, brokenList)] }, /^400 /],
    [{ clientAuth: { 'a.test': makeClientAuth(null) } }, /^503 /],
    [{ clientAuth: { 'a.test': makeClientAuth('test/ca', { subjectPattern: '(' }) } }, /^503 /],
  ];
  for (const [part, plainAnswer] of cases) {
    const { proxy } = await start(t, {}, part);
    for (const identity of [client, null]) assert.equal(await statusOf(t, proxy, identity), 503);
    assert.match(await ask(await RawClient.open(t, proxy.port)), plainAnswer);
  }
});

test('all paths of the host are guarded, those that no rule takes too, and hosts under a wildcard', async (t) => {
  const { proxy } = await start(
    t,
    {},
    {
      hosts: { '*.w.test': [{ path: '/only', status: 200 }] },
      tls: { '*.w.test': 'test/a' },
      clientAuth: { '*.w.test': makeClientAuth('test/ca') },
    },
  );
  const none = new RawClient(await handshake(t, proxy, null, { servername: 'x.w.test' }));
  assert.match(await ask(none, 'x.w.test'), /^400 /);
  const known = new RawClient(await handshake(t, proxy, client, { servername: 'X.W.test' }));
  assert.match(await ask(known, 'x.w.test'), /^404 /);
  assert.match(await ask(known, 'y.w.test', '', 2), /^404 /);
});
