// From Service ports to addresses: ingress-api.md F.2 and F.4, rule by rule.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Endpoints, EndpointSlice, Service } from '../kube/index.ts';
import type { OwnListener } from './own-listeners.ts';
import { resolveUpstream, type ResolvedUpstream } from './resolve-upstream.ts';
import {
  sampleIngress,
  sampleRule,
  sampleService,
  sampleSlice,
  translateSample,
  readProblems,
} from './sample-objects.fixture.ts';

function resolve(
  service: Service | undefined,
  slices: readonly EndpointSlice[],
  port = '80',
  endpoints?: Endpoints,
): ResolvedUpstream {
  return resolveUpstream('shop/app', port, { service, slices, endpoints }, false);
}

/** `ADDRESS:PORT`, with `-` where not ready; or why there are none. */
function targets({ target }: ResolvedUpstream): string {
  if (target.kind === 'dns') return `dns ${target.name}:${target.port}`;
  if (target.kind === 'unavailable') return target.reason;
  return target.endpoints
    .map(({ address, port, ready }) => `${ready ? '' : '-'}${address}:${port}`)
    .join(' ');
}

describe('ports', () => {
  const named = sampleService('app', [
    { name: 'http', port: 80, targetPort: 'web' },
    { name: 'admin', port: 9000, targetPort: 9001 },
  ]);
  const ports = [
    { name: 'http', port: 8080, protocol: 'TCP' },
    { name: 'admin', port: 9001, protocol: 'TCP' },
  ] as const;

  it('are found by number and by name, and have the number that each slice gives', () => {
    const slices = [
      sampleSlice(['10.0.0.1'], { ports }),
      sampleSlice(['10.0.0.2'], { name: 'b', ports: [{ name: 'http', port: 8081, protocol: 'TCP' }] }),
    ];
    assert.equal(targets(resolve(named, slices, '80')), '10.0.0.1:8080 10.0.0.2:8081');
    assert.equal(targets(resolve(named, slices, 'http')), '10.0.0.1:8080 10.0.0.2:8081');
    assert.equal(targets(resolve(named, slices, 'admin')), '10.0.0.1:9001');
  });

  it('are not found by targetPort', () => {
    const resolved = resolve(named, [sampleSlice(['10.0.0.1'], { ports })], '9001');
    assert.equal(
      targets(resolved),
      'Service "shop/app" has no port "9001", its ports are 80 (http), 9000 (admin)',
    );
    assert.deepEqual([resolved.issue?.code, resolved.issue?.part], ['PortNotFound', 'port']);
  });

  it('must be TCP', () => {
    const service = sampleService('app', [
      { name: 'u', port: 53, protocol: 'UDP' },
      { name: 'a', port: 80, protocol: 'UDP' },
      { name: 'b', port: 80, targetPort: 8080 },
    ]);
    const slice = sampleSlice(['10.0.0.1'], {
      ports: [
        { name: 'b', port: 8080, protocol: 'UDP' },
        { name: 'b', port: 8081, protocol: 'TCP' },
      ],
    });
    assert.equal(resolve(service, [slice], '53').issue?.code, 'UnsupportedProtocol');
    assert.equal(targets(resolve(service, [slice], '80')), '10.0.0.1:8081');
  });

  it('are the first TCP one where none is named', () => {
    const service = sampleService('app', [
      { name: 'u', port: 53, protocol: 'UDP' },
      { name: 'b', port: 80 },
    ]);
    const slice = sampleSlice(['10.0.0.1'], { ports: [{ name: 'b', port: 8080, protocol: 'TCP' }] });
    assert.equal(targets(resolve(service, [slice], '')), '10.0.0.1:8080');
    assert.equal(resolve(sampleService('app', []), [slice], '').issue?.code, 'PortNotFound');
  });

  it('are the numeric targetPort where a slice lists none', () => {
    const { ports: _, ...bare } = sampleSlice(['10.0.0.1']);
    assert.equal(targets(resolve(sampleService(), [bare])), '10.0.0.1:8080');
    assert.equal(targets(resolve(sampleService(), [{ ...bare, ports: [] }])), '10.0.0.1:8080');
    assert.equal(
      targets(resolve(sampleService(), [{ ...bare, ports: [{ name: '', protocol: 'TCP' }] }])),
      '10.0.0.1:8080',
    );
    assert.equal(targets(resolve(named, [bare], 'http')), '');
  });
});

describe('endpoints', () => {
  it('count by their conditions, absent ones having their meaning', () => {
    const slice = sampleSlice([
      '10.0.0.1',
      { addresses: ['10.0.0.2'], conditions: { ready: false } },
      { addresses: ['10.0.0.3'], conditions: { ready: false, serving: true, terminating: true } },
      { addresses: ['10.0.0.4'], conditions: { ready: false, serving: false, terminating: true } },
      { addresses: ['10.0.0.5'], conditions: { ready: false, serving: true } },
      { addresses: ['10.0.0.6', '10.9.9.9'], conditions: { ready: true, terminating: true } },
    ]);
    assert.equal(targets(resolve(sampleService(), [slice])), '10.0.0.1:8080 -10.0.0.3:8080 10.0.0.6:8080');
  });

  it('are sorted, of both families, each once; ready in one slice is ready', () => {
    const old = sampleSlice([
      '10.0.0.2',
      { addresses: ['10.0.0.1'], conditions: { ready: false, serving: true, terminating: true } },
    ]);
    const next = sampleSlice(['10.0.0.1'], { name: 'app-2' });
    const v6 = sampleSlice(['2001:db8::1'], { name: 'app-3', addressType: 'IPv6' });
    const wanted = '10.0.0.1:8080 10.0.0.2:8080 2001:db8::1:8080';
    assert.equal(targets(resolve(sampleService(), [old, next, v6])), wanted);
    assert.equal(targets(resolve(sampleService(), [v6, next, old])), wanted);
  });

  it('that are special addresses or names are left out', () => {
    const slices = [
      sampleSlice(['127.0.0.1', '169.254.169.254', '10.0.0.1', 'x']),
      sampleSlice(['app.test'], { name: 'b', addressType: 'FQDN' }),
    ];
    assert.equal(targets(resolve(sampleService(), slices)), '10.0.0.1:8080');
    assert.equal(
      targets(
        resolveUpstream('shop/app', '80', { service: sampleService(), slices, endpoints: undefined }, true),
      ),
      '10.0.0.1:8080 127.0.0.1:8080',
    );
  });

  it('come from Endpoints only where there is no slice', () => {
    const endpoints: Endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { namespace: 'shop', name: 'app' },
      subsets: [
        {
          addresses: [{ ip: '10.1.1.1' }],
          notReadyAddresses: [{ ip: '10.1.1.2' }],
          ports: [{ port: 8082, protocol: 'TCP' }],
        },
      ],
    };
    assert.equal(targets(resolve(sampleService(), [], '80', endpoints)), '10.1.1.1:8082');
    assert.equal(
      targets(resolve(sampleService(), [sampleSlice(['10.0.0.1'])], '80', endpoints)),
      '10.0.0.1:8080',
    );
    assert.equal(targets(resolve(sampleService(), [sampleSlice([])], '80', endpoints)), '');
  });

  it('may be none, which is a warning', () => {
    const resolved = resolve(sampleService(), []);
    assert.deepEqual(resolved.target, { kind: 'endpoints', endpoints: [] });
    assert.deepEqual([resolved.issue?.code, resolved.issue?.severity], ['NoEndpoints', 'warning']);
  });
});

describe('external names', () => {
  const external = (
    externalName: string,
    ports: readonly { port: number; name?: string }[] = [],
  ): Service => {
    const service = sampleService('app', ports);
    return { ...service, spec: { ...service.spec, type: 'ExternalName', externalName } };
  };

  it('are dialled at the port as written, or as listed under its name', () => {
    assert.equal(targets(resolve(external('DB.example.com.'), [], '5432')), 'dns db.example.com:5432');
    assert.equal(
      targets(resolve(external('db.example.com', [{ name: 'sql', port: 5433 }]), [], 'sql')),
      'dns db.example.com:5433',
    );
    assert.equal(resolve(external('db.example.com'), [], 'sql').issue?.code, 'PortNotFound');
    assert.equal(resolve(external('db.example.com'), [], '70000').issue?.code, 'PortNotFound');
  });

  it('that are loopback are served on one machine only', () => {
    const objects = { service: external('localhost'), slices: [], endpoints: undefined };
    assert.equal(targets(resolveUpstream('shop/app', '80', objects, true)), 'dns localhost:80');
    const other = { ...objects, service: external('db.example.com') };
    const { target } = resolveUpstream('shop/app', '80', other, false);
    assert.equal(target.kind === 'dns' && target.refusesLoopback, true, 'names resolve to anything');
    const refused = resolveUpstream('shop/app', '80', objects, false);
    assert.equal(refused.target.kind, 'unavailable');
    assert.equal(refused.issue?.code, 'InvalidEndpoint');
  });
});

describe('what is told to whom', () => {
  const web = sampleIngress({ rules: [sampleRule('h', ['/'])] });
  const rows: [string, Parameters<typeof translateSample>[0], readonly string[]][] = [
    [
      'a missing Service',
      [],
      ['error ServiceNotFound Ingress shop/web spec.rules[0].http.paths[0].backend.service.name'],
    ],
    [
      'a missing port',
      [sampleService('app', [{ port: 81 }])],
      ['error PortNotFound Ingress shop/web spec.rules[0].http.paths[0].backend.service.port.number'],
    ],
    [
      'no endpoints',
      [sampleService()],
      ['warning NoEndpoints Ingress shop/web spec.rules[0].http.paths[0].backend.service.name'],
    ],
    [
      'refused addresses',
      [sampleService(), sampleSlice(['127.0.0.1', '10.0.0.1', 'fe80::1'])],
      [
        'error InvalidEndpoint EndpointSlice shop/app-1 endpoints[0].addresses[0]',
        'error InvalidEndpoint EndpointSlice shop/app-1 endpoints[2].addresses[0]',
      ],
    ],
    [
      'refused addresses of a Service that nobody names',
      [sampleService(), sampleSlice(['10.0.0.1']), sampleService('b'), sampleSlice(['::'], { service: 'b' })],
      [],
    ],
  ];
  for (const [title, objects, wanted] of rows) {
    it(title, () => {
      const { problems } = translateSample([web, ...objects], { allowLoopbackEndpoints: false });
      assert.deepEqual(readProblems(problems), wanted);
    });
  }
});

describe('endpoints that are the proxy itself', () => {
  const own: readonly OwnListener[] = [{ address: '127.0.0.1', port: 8080, purpose: 'admin' }];

  it('are left out, with a problem; others of the Service stay', () => {
    const slices = [sampleSlice(['127.0.0.1', '10.0.0.1'])];
    const objects = { service: sampleService(), slices, endpoints: undefined };
    const resolved = resolveUpstream('shop/app', '80', objects, true, own);
    assert.equal(targets(resolved), '10.0.0.1:8080');
    assert.equal(resolved.issue?.code, 'InvalidEndpoint');
    assert.equal(resolved.issue?.severity, 'error');
  });

  it('are not reached by an external name either', () => {
    const service: Service = {
      ...sampleService('app', []),
      spec: { type: 'ExternalName', sessionAffinity: 'None', externalName: 'localhost' },
    };
    const objects = { service, slices: [], endpoints: undefined };
    const resolved = resolveUpstream('shop/app', '8080', objects, true, own);
    assert.equal(resolved.target.kind, 'unavailable');
    assert.equal(resolved.issue?.code, 'InvalidEndpoint');
  });
});
