// Settings of the ConfigMap about all traffic: what they come to, and what bad, foreign and unknown ones do.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConfigMap } from '../kube/index.ts';
import { defaultTrafficSettings, type Problem } from '../model/index.ts';
import { allControllerSettings } from './all-settings.ts';
import { foreignSettings } from './foreign-settings.ts';
import { sampleOptions, setAll } from './sample-objects.fixture.ts';
import { Translator } from './translator.ts';

const nowMs = Date.UTC(2026, 0, 1);

function configMap(data: Readonly<Record<string, string>>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ingress', name: 'settings' }, data };
}

function start(data: Readonly<Record<string, string>>): Translator {
  const translator = new Translator(sampleOptions({ configMap: 'ingress/settings' }));
  translator.apply(setAll([configMap(data)]), nowMs);
  return translator;
}

function problemsOf(data: Readonly<Record<string, string>>): readonly Problem[] {
  return start(data).allProblems();
}

describe('traffic settings', () => {
  it('leave it to the flags without keys, and where values are bad', () => {
    assert.equal(start({}).table.traffic, defaultTrafficSettings);
    const bad = {
      'keep-alive': '-1',
      'keep-alive-requests': '0',
      'client-header-timeout': '1 m',
      'client-body-timeout': '0',
      'large-client-header-buffers': '8k',
      'enable-underscores-in-headers': 'on',
      'http2-max-concurrent-streams': '1e3',
      'upstream-keepalive-connections': 'many',
      'upstream-keepalive-requests': '0',
      'upstream-keepalive-time': '1y',
      'upstream-keepalive-timeout': '-60',
    };
    const translator = start(bad);
    assert.deepEqual(translator.table.traffic, defaultTrafficSettings);
    assert.deepEqual(
      new Set(translator.allProblems().map(({ code, field }) => `${code} ${field}`)),
      new Set(Object.keys(bad).map((name) => `ParametersInvalid data[${name}]`)),
    );
  });

  it('take every key', () => {
    const { table } = start({
      'keep-alive': '0',
      'keep-alive-requests': '7',
      'client-header-timeout': '5',
      'client-body-timeout': '500ms',
      'large-client-header-buffers': '2 16k',
      'enable-underscores-in-headers': 'true',
      'http2-max-concurrent-streams': '10',
      'upstream-keepalive-connections': '3',
      'upstream-keepalive-requests': '4',
      'upstream-keepalive-time': '1h',
      'upstream-keepalive-timeout': '60',
      'worker-shutdown-timeout': '10s',
    });
    assert.deepEqual(table.traffic, {
      ...defaultTrafficSettings,
      overrides: {
        limits: {
          maxRequestsPerConnection: 7,
          maxRequestLineBytes: 16_588,
          maxFieldLineBytes: 16_384,
          maxFieldsBytes: 32_768,
        },
        timeouts: { keepAliveMs: 0, requestHeadMs: 5_000, requestBodyMs: 500 },
        http2: { maxConcurrentStreams: 10 },
        pool: { maxIdlePerWorker: 3, maxRequestsPerConnection: 4, maxAgeMs: 3_600_000, idleMs: 60_000 },
      },
      keepsUnderscores: true,
      shutdownGraceMs: 10_000,
    });
  });

  it('compress responses as ingress-nginx does, where they are told to', () => {
    const { compression } = start({ 'use-gzip': 'true', 'enable-brotli': 'true' }).table.traffic;
    const { gzip, brotli } = compression;
    assert.deepEqual([gzip?.level, gzip?.minBytes, gzip?.disabledFor], [1, 256, []]);
    assert.deepEqual([brotli?.level, brotli?.minBytes], [4, 20]);
    assert.ok(gzip?.types.includes('application/json') && brotli?.types.includes('image/svg+xml'));
    const changed = start({
      'use-gzip': 'true',
      'gzip-level': '9',
      'gzip-min-length': '0',
      'gzip-types': 'Text/CSS  *',
      'gzip-disable': 'msie6',
      'brotli-level': '11',
    }).table.traffic.compression;
    assert.deepEqual(changed, {
      gzip: {
        level: 9,
        minBytes: 0,
        types: ['text/css', '*'],
        disabledFor: [{ kind: 'regex', pattern: 'MSIE [4-6]\\.', ignoresCase: true }],
      },
      brotli: null,
    });
  });

  it('say which values of compression cannot be read', () => {
    const wrong = {
      'use-gzip': 'yes',
      'gzip-level': '0',
      'gzip-min-length': '1k',
      'gzip-types': 'text',
      'gzip-disable': '(a)\\1',
      'brotli-level': '12',
      'brotli-types': 'text/css;q=1',
    };
    for (const [name, text] of Object.entries(wrong))
      assert.deepEqual(
        problemsOf({ [name]: text }).map(({ field }) => field),
        [`data[${name}]`],
      );
  });

  it('keep no idle connection for no time', () => {
    const { pool } = start({ 'upstream-keepalive-timeout': '0' }).table.traffic.overrides;
    assert.deepEqual(pool, { maxIdlePerWorker: 0 });
  });

  it('bound what head buffers may ask for', () => {
    for (const text of ['0 8k', '4 1', '64 32k', '4  8g', '4 8k 1', '04', '']) {
      assert.equal(problemsOf({ 'large-client-header-buffers': text }).length, 1, text);
    }
    assert.equal(problemsOf({ 'large-client-header-buffers': '64 16k' }).length, 0);
  });

  it('change with a patch of their own', () => {
    const translator = start({});
    const changed = configMap({ 'keep-alive': '10' });
    const { patch } = translator.apply([{ kind: 'set', object: changed }], nowMs);
    assert.equal(patch?.traffic?.overrides.timeouts.keepAliveMs, 10_000);
    assert.equal(patch.arrivals, undefined);
    assert.deepEqual(patch.hosts, { set: [], removed: [] });
  });
});

describe('keys of ingress-nginx that are not followed', () => {
  it('are told apart from misspelt ones', () => {
    const [unknown, tuning, refused, missing] = problemsOf({
      'allow-snippet-annotation': 'true',
      'worker-processes': '4',
      'main-snippet': 'load_module x;',
      'use-geoip': 'true',
    }).toSorted(
      (a, b) => Number(a.code < b.code) - Number(a.code > b.code) || a.field.localeCompare(b.field),
    );
    assert.deepEqual(
      [unknown, tuning, refused, missing].map((each) => `${each?.severity} ${each?.code} ${each?.field}`),
      [
        'warning SettingUnsupported data[main-snippet]',
        'warning SettingUnsupported data[use-geoip]',
        'info SettingUnsupported data[worker-processes]',
        'warning SettingUnknown data[allow-snippet-annotation]',
      ],
    );
    assert.match(missing?.message ?? '', /did you mean "allow-snippet-annotations"$/);
  });

  it('are not told of where they ask for what is done anyway', () => {
    assert.deepEqual(
      problemsOf({ 'use-gzip': 'false', 'default-type': 'text/html', 'main-snippet': '' }),
      [],
    );
  });

  it('name no value of theirs', () => {
    const [problem] = problemsOf({ 'http-snippet': 'secret-text' });
    assert.doesNotMatch(problem?.message ?? '', /secret-text/);
  });

  it('are none that is followed', () => {
    assert.deepEqual(
      allControllerSettings.map(({ name }) => name).filter((name) => foreignSettings.has(name)),
      [],
    );
  });
});
