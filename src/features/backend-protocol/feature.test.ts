// backend-protocol: spellings, what the data plane gets, and FastCGI, which is refused instead of being spoken to in HTTP.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { backendProtocol } from './feature.ts';

function compile(text: string) {
  const { context, issues } = sampleContext();
  const policy = backendProtocol.compile(parseValues(backendProtocol, { 'backend-protocol': text }), context);
  return { policy, issues };
}

describe('backend-protocol', () => {
  it('takes the names of ingress-nginx in any case', () => {
    const names = { HTTP: 'http', https: 'https', Auto_Http: 'auto', GRPC: 'h2c', gRPCs: 'h2' };
    for (const [text, protocol] of Object.entries(names)) {
      const { policy, issues } = compile(text);
      assert.deepEqual(backendProtocol.settings?.(policy), { protocol }, text);
      assert.deepEqual(backendProtocol.prepare?.(policy, { path: '/', pathKind: 'prefix' }), {}, text);
      assert.deepEqual(issues, []);
    }
  });

  it('refuses everything else', () => {
    for (const text of ['', 'h2c', 'HTTP2', ' HTTP', 'GRPC\n'])
      assert.ok('wanted' in parseKey(backendProtocol, 'backend-protocol', text), JSON.stringify(text));
  });

  it('answers 503 for FastCGI, and says so', () => {
    const { policy, issues } = compile('FCGI');
    const hooks = backendProtocol.prepare?.(policy, { path: '/', pathKind: 'prefix' });
    assert.deepEqual(hooks?.admit?.(sampleRequest()), { status: 503, reason: 'backend-protocol' });
    assert.deepEqual(backendProtocol.settings?.(policy), {});
    assert.deepEqual(
      issues.map(({ code, severity }) => [code, severity]),
      [['AnnotationUnsupported', 'error']],
    );
  });
});
