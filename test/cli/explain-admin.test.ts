// `sallyport explain --admin` against an instance that runs: it says of the table that is served what is said of its manifests, follows
// what changes, and says what is wrong with the question, the token or the address.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runExplain } from '../../src/cli/explain.ts';
import { UsageError } from '../../src/config/index.ts';
import { type Captured, runCaptured } from './run-captured.ts';
import { ask, askAdmin, findFreePort, renderManifest, startUp, type UpProcess } from './up-process.ts';

let up: UpProcess;
let admin: string[];

before(async () => {
  const limited = renderManifest('shop', 'shop.test', 8080).replace(
    '{ name: shop }\nspec:\n  rules',
    '{ name: shop, annotations: { nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8 } }\nspec:\n  rules',
  );
  const left = renderManifest('other', 'other.test', 8080).replace(
    'spec:\n  rules',
    'spec:\n  ingressClassName: others\n  rules',
  );
  up = await startUp({
    manifests: {
      'shop.yaml': limited,
      'other.yaml': left,
      'gone.yaml': renderManifest('gone', 'gone.test', await findFreePort()),
    },
    flags: ['--api-port', '0'],
  });
  await up.waitFor(/is ready/);
  admin = [
    `--admin=http://127.0.0.1:${up.adminPort}`,
    `--admin-token-file=${join(up.folder, 'data/admin-token')}`,
  ];
});

after(() => up.remove());

const explain = async (...words: string[]): Promise<Captured> => await runCaptured(runExplain, words, '');

test('it says what the manifests say, and by which table', async () => {
  for (const words of [
    ['http://shop.test/a?b=c'],
    ['https://shop.test/a', '--client-address=192.0.2.1', '-X', 'POST', '-H', 'Content-Length: 5'],
    ['http://nobody.test/'],
    ['http://other.test/'],
    ['http://shop.test/%zz'],
  ]) {
    const offline = await explain(...words, '-f', up.folder);
    const running = await explain(...words, ...admin);
    assert.deepEqual([running.code, running.err], [0, '']);
    const [first, ...rest] = running.out.split('\n');
    assert.match(first ?? '', /^serving {3}table version [1-9]\d*; endpoints as the table has them/);
    assert.equal(rest.join('\n'), offline.out);
    const json = JSON.parse((await explain(...words, ...admin, '-o', 'json')).out) as { served: unknown };
    const { served, ...told } = json;
    assert.ok(typeof served === 'object' && served !== null && 'version' in served);
    const { served: none, ...wanted } = JSON.parse(
      (await explain(...words, '-f', up.folder, '-o', 'json')).out,
    ) as { served: unknown };
    assert.equal(none, null);
    assert.deepEqual(told, wanted);
  }
});

test('it follows what is served', async () => {
  const draft = join(up.folder, 'late.draft');
  writeFileSync(draft, renderManifest('late', 'late.test', 8080));
  assert.match((await explain('http://late.test/', ...admin)).out, /no-route/);
  renameSync(draft, join(up.folder, 'late.yaml'));
  let told = '';
  do told = (await explain('http://late.test/', ...admin)).out;
  while (!told.includes('ingress/default/late/rule/0/path/0'));
  assert.match(told, /sends {5}GET \//);
  rmSync(join(up.folder, 'late.yaml'));
});

test('a token that is none, an instance that is none, and pages that are not of one', async (t) => {
  const [address = ''] = admin;
  const absent = await explain('http://shop.test/', address, '--admin-token-file=/nowhere/token');
  assert.equal(absent.code, 1);
  assert.match(absent.err, /cannot read the admin token: .*\/nowhere\/token.*--admin-token-file is wanted/);
  const wrong = join(up.folder, 'wrong-token');
  writeFileSync(wrong, `${'x'.repeat(43)}\n`);
  const refused = await explain('http://shop.test/', address, `--admin-token-file=${wrong}`);
  assert.deepEqual([refused.code, refused.out], [1, '']);
  assert.match(refused.err, /does not take the token of ".*wrong-token"/);
  assert.ok(!refused.err.includes('xxx'));
  const closed = await explain(
    'http://shop.test/',
    `--admin=http://127.0.0.1:${await findFreePort()}`,
    `--admin-token-file=${wrong}`,
  );
  assert.equal(closed.code, 1);
  assert.match(closed.err, /cannot ask "http:\/\/127\.0\.0\.1:\d+": .*ECONNREFUSED/);
  const seen: (string | undefined)[] = [];
  const other = createServer((request, response) => {
    seen.push(request.headers.authorization);
    if (request.url?.startsWith('/debug/') === true) response.writeHead(302, { location: '/elsewhere' });
    response.end('\u001b[2J');
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const moved = await explain(
    'http://shop.test/',
    `--admin=http://127.0.0.1:${port}`,
    `--admin-token-file=${wrong}`,
  );
  assert.equal(moved.code, 1);
  assert.equal(seen.length, 1, 'a redirect is not followed');
});

test('what is wrong with the question is said before anybody is asked', async () => {
  const cases: readonly (readonly [words: readonly string[], wanted: RegExp])[] = [
    [['--admin=http://127.0.0.1:1'], /a URL is wanted/],
    [['http://a/', '--admin=localhost:1'], /--admin "localhost:1": the URL of an admin listener/],
    [['http://a/', '--admin=http://127.0.0.1:1/path'], /the URL of an admin listener/],
    [['http://a/', '--admin=http://u:p@127.0.0.1:1'], /the URL of an admin listener/],
    [['http://a/', '--admin=http://127.0.0.1:1', '-f', 'x'], /--admin and --filename exclude each other/],
    [['http://a/', '--admin=http://127.0.0.1:1', '--ingress-class=x'], /--admin and --ingress-class exclude/],
    [['http://a b/', '--admin=http://127.0.0.1:1'], /a URL such as/],
    [[`http://a/${'x'.repeat(7_000)}`, '--admin=http://127.0.0.1:1'], /the question is too long for --admin/],
  ];
  for (const [words, wanted] of cases)
    await assert.rejects(
      explain(...words),
      (error) => error instanceof UsageError && wanted.test(error.message),
    );
});

test('the page itself: parameters that are none, or wrong, are 400', async () => {
  const statusOf = async (query: string): Promise<number> =>
    (await askAdmin(up.adminPort, join(up.folder, 'data'), `/debug/explain${query}`)).status;
  assert.equal(await statusOf('?url=http://shop.test/'), 200);
  for (const query of [
    '',
    '?url=',
    '?url=http://a/&method=A%0AB',
    '?url=http://a/&header=x',
    '?url=http://a/&what=1',
  ])
    assert.equal(await statusOf(query), 400, query);
});

test('a request that is over is found by its id: route, features, endpoints, status, cause', async () => {
  assert.equal((await ask(up.httpPort, 'shop.test', '/a', { 'x-request-id': 'refused-1' })).status, 403);
  assert.equal((await ask(up.httpPort, 'gone.test', '/', { 'x-request-id': 'gone/1' })).status, 502);
  const refused = await explain('--request-id=refused-1', ...admin);
  assert.deepEqual([refused.code, refused.err], [0, '']);
  assert.match(refused.out, /^request {3}refused-1, ended 20\d\d-.*Z$/m);
  assert.match(refused.out, /^answered {2}403 after \d+\.\d{3} s: source-range$/m);
  assert.match(refused.out, /^route {5}ingress\/default\/shop\/rule\/0\/path\/0$/m);
  assert.match(refused.out, /^tried {5}no endpoint$/m);
  assert.match(refused.out, /^ {2}source-ranges: admit only clients of 10\.0\.0\.0\/8$/m);
  assert.match(
    refused.out,
    /^ {4}by metadata\.annotations\[nginx\.ingress\.kubernetes\.io\/whitelist-source-range\]$/m,
  );
  assert.match(refused.out, /^because {3}the client's address is not one that the route admits$/m);
  const gone = await explain('--request-id=gone/1', ...admin);
  assert.match(gone.out, /^tried {5}127\.0\.0\.1:\d+/m);
  assert.match(gone.out, /^because {3}the endpoint refused the connection: nothing listens on its port$/m);
  const told = JSON.parse((await explain('--request-id=gone/1', '-o', 'json', ...admin)).out) as Record<
    string,
    unknown
  >;
  assert.deepEqual([told['requestId'], told['status'], told['reason']], ['gone/1', 502, 'connect-refused']);
  const unknown = await explain('--request-id=nobody', ...admin);
  assert.deepEqual([unknown.code, unknown.out], [1, '']);
  assert.match(unknown.err, /no request of this id is known: each worker remembers its last 4096/);
  await assert.rejects(
    explain('http://a/', '--request-id=x', ...admin),
    /a URL and --request-id exclude each other/,
  );
});

test('a request whose route has gone meanwhile is told with its route', async () => {
  writeFileSync(join(up.folder, 'brief.yaml'), renderManifest('brief', 'brief.test', 1));
  let status = 404;
  do ({ status } = await ask(up.httpPort, 'brief.test', '/', { 'x-request-id': 'brief-1' }));
  while (status === 404);
  rmSync(join(up.folder, 'brief.yaml'));
  do ({ status } = await ask(up.httpPort, 'brief.test', '/'));
  while (status !== 404);
  assert.match(
    (await explain('--request-id=brief-1', ...admin)).out,
    /brief\/rule\/0\/path\/0, which is served no more$/m,
  );
});
