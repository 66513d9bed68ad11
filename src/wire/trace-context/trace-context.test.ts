// W3C Trace Context: what is a traceparent and a tracestate, and what is none.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { joinTraceState, parseTraceparent, renderTraceparent, takeTraceFields } from './index.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('traceparent', () => {
  it('is read by its four parts', () => {
    assert.deepEqual(parseTraceparent(`00-${traceId}-${spanId}-01`), { traceId, spanId, isSampled: true });
    assert.equal(parseTraceparent(`00-${traceId}-${spanId}-00`)?.isSampled, false);
    // Flags that this version does not know: only the lowest one counts.
    assert.equal(parseTraceparent(`00-${traceId}-${spanId}-fe`)?.isSampled, false);
    assert.equal(parseTraceparent(`00-${traceId}-${spanId}-ff`)?.isSampled, true);
  });

  it('of a later version is read as far as this one goes', () => {
    for (const text of [`cc-${traceId}-${spanId}-01`, `cc-${traceId}-${spanId}-01-what-ever`])
      assert.deepEqual(parseTraceparent(text), { traceId, spanId, isSampled: true }, text);
  });

  it('is refused when anything is wrong with it', () => {
    for (const text of [
      '',
      `ff-${traceId}-${spanId}-01`,
      `00-${traceId}-${spanId}-01-more`,
      `00-${traceId}-${spanId}-01-`,
      `00-${traceId}-${spanId}-01.`,
      `cc-${traceId}-${spanId}-01.`,
      `cc-${traceId}-${spanId}-012`,
      `00-${traceId.toUpperCase()}-${spanId}-01`,
      `00-${'0'.repeat(32)}-${spanId}-01`,
      `00-${traceId}-${'0'.repeat(16)}-01`,
      `00-${traceId.slice(1)}-${spanId}-01`,
      `00-${traceId}-${spanId}-1`,
      `0-${traceId}-${spanId}-01`,
      ` 00-${traceId}-${spanId}-01`,
      `00-${traceId}-${spanId}-01\n`,
      `00_${traceId}_${spanId}_01`,
      `00-${traceId}-${spanId}-0g`,
    ])
      assert.equal(parseTraceparent(text), null, JSON.stringify(text));
  });

  it('comes back as it was written', () => {
    const hex = (digits: number) =>
      fc
        .array(fc.constantFrom(...'0123456789abcdef'.split('')), { minLength: digits, maxLength: digits })
        .map((all) => all.join(''))
        .filter((text) => !/^0+$/.test(text));
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (trace, span, isSampled) => {
        const parent = { traceId: trace, spanId: span, isSampled };
        assert.deepEqual(parseTraceparent(renderTraceparent(parent)), parent);
      }),
    );
  });
});

describe('tracestate', () => {
  it('is one list, whatever lines it came in', () => {
    assert.equal(
      joinTraceState(['rojo=00f067aa0ba902b7, congo=t61rcWkgMzE']),
      'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE',
    );
    assert.equal(joinTraceState(['a=1,,\tb=2 ', '', 'tenant@system=x y']), 'a=1,b=2,tenant@system=x y');
    assert.equal(joinTraceState(['0a1@b=!~']), '0a1@b=!~');
    assert.equal(joinTraceState([]), '');
  });

  it('is left out as a whole when a member is none, a key is there twice, or there are too many', () => {
    const many = Array.from({ length: 33 }, (_, at) => `k${at}=v`);
    for (const states of [
      ['a=1', 'a=2'],
      ['a'],
      ['=1'],
      ['A=1'],
      ['0a=1'],
      ['a=b=c'],
      ['a=1', 'b='],
      ['a@b@c=1'],
      [`a@${'s'.repeat(15)}=1`],
      [`${'k'.repeat(257)}=1`],
      [`a=${'v'.repeat(257)}`],
      ['a=\u00e9'],
      [many.join(',')],
      [','.repeat(100), ...many],
    ])
      assert.equal(joinTraceState(states), '', JSON.stringify(states));
    assert.equal(joinTraceState([many.slice(1).join(',')]).split(',').length, 32);
  });
});

describe('the fields of a trace', () => {
  it('are taken out of the lines, however they are spelt, and nothing else is', () => {
    const lines =
      'A: 1\r\nTraceParent: x \r\nte: trailers\r\ntracestate:a=1\r\nTraceparents: no\r\nTRACESTATE: b=2\r\nZ: 2\r\n';
    assert.deepEqual(takeTraceFields(lines), {
      rest: 'A: 1\r\nte: trailers\r\nTraceparents: no\r\nZ: 2\r\n',
      parents: ['x'],
      states: ['a=1', 'b=2'],
    });
  });

  it('leave lines without them as they are', () => {
    for (const fields of ['', 'T: 1\r\n', 'Host: a\r\nTrace: traceparent: x\r\nt\r\n'])
      assert.deepEqual(takeTraceFields(fields), { rest: fields, parents: [], states: [] });
  });
});
