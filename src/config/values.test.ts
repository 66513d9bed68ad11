import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FlagSpec } from './flag-spec.ts';
import { flagTable } from './settings.ts';
import { parseDuration, parseFlagValue, parseSize } from './values.ts';

const durations: readonly (readonly [string, number | null])[] = [
  ['30s', 30_000],
  ['1m30s', 90_000],
  ['500ms', 500],
  ['1.5h', 5_400_000],
  ['75', 75_000],
  ['0', 0],
  ['0.25', 250],
  ['1h1m1s1ms', 3_661_001],
  ['', null],
  ['s', null],
  ['30 s', null],
  ['-5s', null],
  ['1d', null],
  ['30s!', null],
  ['1e3', null],
  ['600h', null],
];
for (const [text, ms] of durations) {
  test(`parseDuration: "${text}" is ${ms === null ? 'refused' : `${ms} ms`}`, () => {
    const parsed = parseDuration(text);
    assert.deepEqual('value' in parsed ? parsed.value : null, ms);
  });
}

const sizes: readonly (readonly [string, number | null])[] = [
  ['4096', 4_096],
  ['8k', 8_192],
  ['8K', 8_192],
  ['1m', 1_048_576],
  ['2g', 2_147_483_648],
  ['0', null],
  ['', null],
  ['1.5k', null],
  ['8kb', null],
  ['-1', null],
];
for (const [text, bytes] of sizes) {
  test(`parseSize: "${text}" is ${bytes === null ? 'refused' : `${bytes} bytes`}`, () => {
    const parsed = parseSize(text);
    assert.deepEqual('value' in parsed ? parsed.value : null, bytes);
  });
}

const refused: readonly (readonly [keyof typeof flagTable, string, string])[] = [
  ['http-port', '70000', 'a port from 0 to 65535 is wanted'],
  ['http-port', 'http', 'a port from 0 to 65535 is wanted'],
  ['public-https-port', '0', 'a port from 1 to 65535 or auto is wanted'],
  ['workers', '0', 'a whole number above 0 or auto is wanted'],
  ['max-fields', '-1', 'a whole number above 0 is wanted'],
  ['bind', 'localhost', 'an IP address such as 127.0.0.1 or :: is wanted'],
  ['bind', 'fe80::1%eth0', 'an IP address such as 127.0.0.1 or :: is wanted'],
  ['log-level', 'loud', 'one of debug, info, warn, error is wanted'],
  ['use-forwarded-headers', 'yes', 'true or false is wanted'],
  ['proxy-real-ip-cidr', '10.0.0.0/33', 'networks such as 10.0.0.0/8,fd00::/8 are wanted'],
  ['proxy-real-ip-cidr', '10.0.0.0/8,x', 'networks such as 10.0.0.0/8,fd00::/8 are wanted'],
  ['client-header-timeout', '0', 'a duration above 0 is wanted'],
  ['default-ssl-certificate', 'web', 'NAMESPACE/NAME is wanted, for example default/web'],
  [
    'default-backend-service',
    'default/web:80:90',
    'NAMESPACE/NAME or NAMESPACE/NAME:PORT is wanted, for example default/web:80',
  ],
];
for (const [name, text, wanted] of refused) {
  test(`parseFlagValue: --${name} "${text}" is refused`, () => {
    assert.deepEqual(parseFlagValue(flagTable[name], text), { wanted });
  });
}

const accepted: readonly (readonly [keyof typeof flagTable, string, unknown])[] = [
  ['bind', '[::1]', '::1'],
  ['workers', 'auto', null],
  ['workers', '4', 4],
  ['keep-alive-timeout', '0', 0],
  ['use-forwarded-headers', '0', false],
  ['proxy-real-ip-cidr', '10.0.0.0/8, ::1', ['10.0.0.0/8', '::1/128']],
  ['default-ssl-certificate', 'shop/web-tls', 'shop/web-tls'],
  ['default-backend-service', 'shop/web', { service: 'shop/web', port: null }],
  ['default-backend-service', 'shop/web:http', { service: 'shop/web', port: 'http' }],
];
for (const [name, text, value] of accepted) {
  test(`parseFlagValue: --${name} "${text}" is accepted`, () => {
    assert.deepEqual(parseFlagValue(flagTable[name], text), { value });
  });
}

test('parseFlagValue: no text makes any type throw, and a value or a phrase comes back', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...Object.values<FlagSpec>(flagTable)), (text, spec) => {
      const parsed = parseFlagValue(spec, text);
      assert.ok(
        'value' in parsed
          ? parsed.value !== undefined
          : parsed.wanted.endsWith('wanted') || parsed.wanted.includes('is wanted'),
      );
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('flagTable: every default is a value of its own type', () => {
  for (const [name, spec] of Object.entries<FlagSpec>(flagTable)) {
    assert.ok('value' in parseFlagValue(spec, spec.default), name);
    assert.ok(spec.default !== '' || spec.defaultText !== undefined, `${name}: an empty default needs words`);
    assert.ok(spec.doc.endsWith('.'), `${name}: the documentation is made of sentences`);
  }
});
