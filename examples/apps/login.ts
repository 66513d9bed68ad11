// A sample authentication server for the guides, in the manner of oauth2-proxy: it knows who has its cookie, and everybody gets one who
// signs in. Run: node examples/apps/login.ts --port 9090
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';

const cookie = 'session=alice';

function check(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.cookie?.split('; ').includes(cookie) === true) {
    response.writeHead(202, { 'X-Auth-Request-User': 'alice' }).end();
  } else {
    response.writeHead(401, { 'WWW-Authenticate': 'Cookie realm="shop"' }).end();
  }
}

/** Goes back where the client wanted to be, if that is a path or one of its own hosts. */
function signIn(url: URL, response: ServerResponse): void {
  const asked = url.searchParams.get('rd') ?? '/';
  const isOwn = asked.startsWith('/') ? !asked.startsWith('//') : asked.startsWith('http://shop.localhost');
  response
    .writeHead(302, { Location: isOwn ? asked : '/', 'Set-Cookie': `${cookie}; HttpOnly; Path=/` })
    .end();
}

/** The server, not yet listening. */
export function createLoginApp(): Server {
  return createServer((request, response) => {
    request.resume();
    const url = new URL(request.url ?? '/', 'http://login.invalid');
    if (url.pathname === '/check') check(request, response);
    else if (url.pathname === '/start') signIn(url, response);
    else response.writeHead(404).end();
  });
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '9090' } } });
  const server = createLoginApp();
  server.on('error', (error) => {
    console.error(`login cannot listen on 127.0.0.1:${values.port}: ${error.message}`);
    process.exitCode = 1;
  });
  server.listen(Number(values.port), '127.0.0.1', () => {
    console.log(`login listens on http://127.0.0.1:${values.port}`);
  });
}
