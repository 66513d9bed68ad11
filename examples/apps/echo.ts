// A sample application for the examples: answers every request with what it received, as text, or as JSON if JSON is asked for.
// Run: node examples/apps/echo.ts --name app-one --port 9081
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { parseArgs } from 'node:util';

function describeRequest(name: string, request: IncomingMessage) {
  return { app: name, method: request.method, path: request.url, headers: request.headers };
}

function renderText({ app, method, path, headers }: ReturnType<typeof describeRequest>): string {
  const fields = Object.entries(headers).map(([field, value]) => `${field}: ${String(value)}`);
  return [app, `${method} ${path}`, ...fields, ''].join('\n');
}

/** The application, not yet listening. */
export function createEchoApp(name: string): Server {
  return createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const received = describeRequest(name, request);
      const wantsJson = request.headers.accept?.includes('application/json') === true;
      response.setHeader('content-type', wantsJson ? 'application/json' : 'text/plain; charset=utf-8');
      response.end(wantsJson ? `${JSON.stringify(received, null, 2)}\n` : renderText(received));
    });
  });
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { name: { type: 'string', default: 'app' }, port: { type: 'string', default: '9081' } },
  });
  const server = createEchoApp(values.name);
  server.on('error', (error) => {
    console.error(`${values.name} cannot listen on 127.0.0.1:${values.port}: ${error.message}`);
    process.exitCode = 1;
  });
  server.listen(Number(values.port), '127.0.0.1', () => {
    console.log(`${values.name} listens on http://127.0.0.1:${values.port}`);
  });
}
