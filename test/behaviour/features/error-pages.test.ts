// Error pages of a default backend: what it is asked, what the client gets, and when nobody is asked.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { sampleService, sampleSlice } from '../../../src/translate/sample-objects.fixture.ts';
import { okResponse, RawClient, startAnswering, startProxy, startUpstream } from '../harness.ts';
import { makeClientAuth } from '../test-authority.ts';
import { type Annotated, fieldOf, host, serve, type Served } from './annotated.ts';

interface WithPages extends Served {
  /** Heads that the default backend got. */
  readonly pages: readonly string[];
}

/** Beside the Service `app` there is `errors`, whose name the annotation `default-backend` has. */
async function serveWithPages(
  t: TestContext,
  annotated: Annotated,
  page: (request: string) => string = () => okResponse('page', 'X-Page: 1\r\n'),
): Promise<WithPages> {
  const pages: string[] = [];
  const port = await startAnswering(t, (request) => {
    pages.push(request);
    return page(request);
  });
  const served = await serve(t, {
    ...annotated,
    annotations: { 'default-backend': 'errors', ...annotated.annotations },
    objects: [
      sampleService('errors', [
        { name: 'http', port: 80 },
        { name: 'other', port: 81 },
      ]),
      sampleSlice(['127.0.0.1'], { service: 'errors', ports: [{ name: 'http', port, protocol: 'TCP' }] }),
      ...(annotated.objects ?? []),
    ],
  });
  return { ...served, pages };
}

const answering =
  (status: number, fields = '', body = 'own') =>
  (): string =>
    `HTTP/1.1 ${status} Error\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
const listed = { 'custom-http-errors': '404,503,413,401' };

test('an error of the endpoint is answered by the default backend, which is told what it stands for', async (t) => {
  const served = await serveWithPages(t, { annotations: listed, answer: answering(404) });
  const fields =
    'Accept: application/json\r\nX-Code: 1\r\nx_code: 2\r\nX-Namespace: evil\r\nX-Request-ID: r-1\r\n';
  const answer = await served.ask('/a/b?c=d', fields);
  assert.equal(answer.status, 200);
  assert.equal(answer.body, 'page');
  assert.equal(fieldOf(answer.head, 'x-page'), '1');
  const [head = ''] = served.pages;
  assert.match(head, /^GET \/\?c=d HTTP\/1\.1\r\n/);
  const told = {
    host,
    'x-code': '404',
    'x-format': 'application/json',
    'x-original-uri': '/a/b?c=d',
    'x-namespace': 'shop',
    'x-ingress-name': 'web',
    'x-service-name': 'app',
    'x-service-port': '80',
    'x-request-id': 'r-1',
    'x-forwarded-for': '127.0.0.1',
  };
  for (const [name, value] of Object.entries(told)) assert.equal(fieldOf(head, name), value, name);
  assert.equal(head.match(/x-code|x_code/gi)?.length, 1);
  assert.equal((await served.ask('/b')).status, 200);
  assert.equal(served.requests.length, 2);
});

test('statuses that are not listed pass, and so do all of endpoints where the annotation says so', async (t) => {
  const unlisted = await serveWithPages(t, { annotations: listed, answer: answering(500) });
  assert.deepEqual([(await unlisted.ask('/')).status, unlisted.pages.length], [500, 0]);
  const annotations = { ...listed, 'disable-proxy-intercept-errors': 'true' };
  const left = await serveWithPages(t, { annotations, answer: answering(404) });
  const answer = await left.ask('/');
  assert.deepEqual([answer.status, answer.body, left.pages.length], [404, 'own', 0]);
});

test('errors of the proxy are answered so, too, whatever the annotation says of endpoints', async (t) => {
  const annotations = { ...listed, 'disable-proxy-intercept-errors': 'true', 'proxy-body-size': '3' };
  const served = await serveWithPages(t, { annotations });
  const client = await RawClient.open(t, served.proxy.port);
  client.send(`POST /x HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 9\r\n\r\n`);
  const got = await client.untilClosed();
  assert.match(got, /^HTTP\/1\.1 200 /);
  assert.match(got, /\r\nConnection: close\r\n/);
  const [head = ''] = served.pages;
  assert.match(head, /^POST \/ HTTP\/1\.1\r\n/);
  assert.equal(fieldOf(head, 'x-code'), '413');
  assert.equal(fieldOf(head, 'content-length'), '0');
});

test('the challenge of a 401 stays, and its body does not', async (t) => {
  const challenge = 'WWW-Authenticate: Basic realm="a"\r\nX-Secret: 1\r\n';
  const served = await serveWithPages(t, { annotations: listed, answer: answering(401, challenge) }, () =>
    answering(401, '', 'please')(),
  );
  const answer = await served.ask('/');
  assert.deepEqual([answer.status, answer.body], [401, 'please']);
  assert.equal(fieldOf(answer.head, 'www-authenticate'), 'Basic realm="a"');
  assert.equal(fieldOf(answer.head, 'x-secret'), undefined);
});

test('the page of a HEAD request is asked for and given by HEAD', async (t) => {
  const served = await serveWithPages(
    t,
    { annotations: listed, answer: answering(404, '', '') },
    () => 'HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n',
  );
  const answer = await served.ask('/', '', 'HEAD');
  assert.deepEqual([answer.status, answer.body], [200, '']);
  assert.equal(fieldOf(answer.head, 'content-length'), '77');
  assert.match(served.pages[0] ?? '', /^HEAD \/ /);
});

test('an error of the default backend is handed out and asked about no more', async (t) => {
  const served = await serveWithPages(t, { annotations: listed, answer: answering(404) }, answering(503));
  assert.equal((await served.ask('/')).status, 503);
  assert.equal(served.pages.length, 1);
});

test('a default backend that breaks leaves a page of our own with the status of the error', async (t) => {
  const port = await startUpstream(t, (client) => {
    client
      .until((text) => text.includes('\r\n\r\n'))
      .then(
        () => client.socket.destroy(),
        () => {},
      );
  });
  const served = await serve(t, {
    annotations: { ...listed, 'default-backend': 'errors' },
    answer: answering(404, 'Content-Encoding: gzip\r\n'),
    objects: [
      sampleService('errors'),
      sampleSlice(['127.0.0.1'], { service: 'errors', ports: [{ name: '', port, protocol: 'TCP' }] }),
    ],
  });
  const answer = await served.ask('/');
  assert.equal(answer.status, 404);
  assert.match(answer.body, /404 Not Found/);
  assert.equal(fieldOf(answer.head, 'content-encoding'), undefined);
});

test('without a default backend that can answer, the error stays as it is', async (t) => {
  for (const objects of [[], [sampleService('errors')]]) {
    const annotations = { ...listed, 'default-backend': 'errors' };
    const served = await serve(t, { annotations, answer: answering(404), objects });
    const answer = await served.ask('/');
    assert.deepEqual([answer.status, answer.body], [404, 'own']);
  }
});

test('the list of the settings counts where the annotation does not say otherwise', async (t) => {
  const settings = { 'custom-http-errors': '404' };
  const served = await serveWithPages(t, { settings, answer: answering(404) });
  assert.equal((await served.ask('/')).body, 'page');
  const annotations = { 'custom-http-errors': '500' };
  const other = await serveWithPages(t, { settings, annotations, answer: answering(404) });
  assert.equal((await other.ask('/')).body, 'own');
});

test('requests of gRPC get the errors as they are', async (t) => {
  const served = await serveWithPages(t, { annotations: listed, answer: answering(404) });
  const answer = await served.ask('/', 'Content-Type: application/grpc\r\nContent-Length: 0\r\n', 'POST');
  assert.deepEqual([answer.status, answer.body, served.pages.length], [404, 'own', 0]);
});

test('clients of HTTP/2 get pages, too', async (t) => {
  const served = await serveWithPages(t, { annotations: listed, answer: answering(404) });
  const session = connect(`http://127.0.0.1:${served.proxy.port}`);
  t.after(() => session.destroy());
  const stream = session.request({ ':path': '/a', ':authority': host });
  const [fields] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  assert.equal(fields[':status'], 200);
  assert.equal(await text(stream), 'page');
  assert.equal(fieldOf(served.pages[0] ?? '', 'x-original-uri'), '/a');
});

test('a host that shuts its clients out stays shut behind its page', async (t) => {
  const asked = { web: 0, errors: 0 };
  const start = async (name: keyof typeof asked): Promise<number> =>
    await startAnswering(t, () => {
      asked[name] += 1;
      return okResponse(name);
    });
  const upstreams = { web: [await start('web')], errors: [await start('errors')] };
  const pages = { codes: [503], leavesUpstream: false, upstream: 'test/errors:80' };
  const proxy = await startProxy(t, {
    hosts: { [host]: [{ upstream: 'web', policies: { 'error-pages': pages } }] },
    upstreams,
    clientAuth: { [host]: makeClientAuth(null) },
  });
  const client = await RawClient.open(t, proxy.port);
  client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  assert.match(await client.responses(1), /^HTTP\/1\.1 200 [^]*errors$/);
  assert.deepEqual(asked, { web: 0, errors: 1 });
});

test('the default backend stands in for a Service without endpoints', async (t) => {
  const served = await serveWithPages(t, { hasEndpoints: false });
  const client = await RawClient.open(t, served.proxy.port);
  client.send(
    `POST /alma/armud?x HTTP/1.1\r\nHost: ${host}\r\nX-Request-ID: id-1\r\nContent-Length: 2\r\n\r\nhi`,
  );
  const got = await client.responses(1);
  assert.match(got, /^HTTP\/1\.1 200 [^]*page$/);
  const [head = ''] = served.pages;
  assert.match(head, /^POST \/alma\/armud\?x HTTP\/1\.1\r\n/);
  assert.equal(fieldOf(head, 'x-code'), '503');
  assert.equal(fieldOf(head, 'x-ingress-name'), 'web');
  assert.equal(fieldOf(head, 'x-service-name'), 'app');
  assert.equal(fieldOf(head, 'x-request-id'), 'id-1');
  assert.equal(fieldOf(head, 'content-length'), '2');
  assert.equal(fieldOf(head, 'x-original-uri'), undefined);
});

test('nobody reaches a stand-in whom the route would not let in', async (t) => {
  const annotations = { 'denylist-source-range': '127.0.0.1' };
  const served = await serveWithPages(t, { annotations, hasEndpoints: false });
  assert.equal((await served.ask('/')).status, 403);
  assert.equal(served.pages.length, 0);
});

test('a refusal with a page lets nobody in', async (t) => {
  const annotations = { 'custom-http-errors': '403', 'denylist-source-range': '127.0.0.1' };
  const served = await serveWithPages(t, { annotations });
  const answer = await served.ask('/');
  assert.deepEqual([answer.status, answer.body], [200, 'page']);
  assert.equal(served.requests.length, 0);
  assert.equal(fieldOf(served.pages[0] ?? '', 'x-code'), '403');
});
