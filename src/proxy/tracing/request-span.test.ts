// RequestSpan: identifiers, who decides about recording, and the share of traces that a ratio records.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultTracingSettings, type TracingSettings } from '../../model/index.ts';
import { parseTraceparent } from '../../wire/trace-context/index.ts';
import { RequestIds } from '../request-ids.ts';
import { beginSpan, isRecorded, type RequestSpan } from './request-span.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const requestIds = new RequestIds();

function begin(
  fields: string,
  settings: Partial<TracingSettings> = {},
  trustsIncoming = true,
): { span: RequestSpan; fields: string } {
  const head = { fields };
  const tracing = { ...defaultTracingSettings, ...settings };
  const span = beginSpan(head, { trustsIncoming, operationName: '' }, { requestIds, tracing });
  return { span, fields: head.fields };
}

function incoming(flags: '00' | '01'): string {
  return `traceparent: 00-${traceId}-${parentId}-${flags}\r\n`;
}

describe('the span of a request', () => {
  it('begins a trace where there is none, with identifiers that differ', () => {
    const spans = Array.from({ length: 5_000 }, () => begin('A: 1\r\n').span);
    assert.equal(new Set(spans.map((span) => span.traceId)).size, 5_000);
    assert.equal(new Set(spans.map((span) => span.spanId)).size, 5_000);
    for (const { traceId: trace, spanId, parentId: parent } of spans) {
      assert.match(`${trace} ${spanId} ${parent}`, /^[0-9a-f]{32} [0-9a-f]{16} $/);
    }
  });

  it('goes on in the trace of the client, whose line it replaces', () => {
    const { span, fields } = begin(`A: 1\r\n${incoming('01')}tracestate: b=2\r\nTracestate: a=1\r\nZ: 2\r\n`);
    assert.deepEqual([span.traceId, span.parentId, span.isSampled], [traceId, parentId, true]);
    assert.notEqual(span.spanId, parentId);
    assert.equal(
      fields,
      `A: 1\r\nZ: 2\r\ntraceparent: 00-${traceId}-${span.spanId}-01\r\ntracestate: b=2,a=1\r\n`,
    );
  });

  it('begins a trace when the line is none, is there twice, or is not trusted; then no state passes', () => {
    const state = 'tracestate: a=1\r\n';
    for (const { span, fields } of [
      begin(`traceparent: nonsense\r\n${state}`),
      begin(`${incoming('01')}${incoming('01')}${state}`),
      begin(`${incoming('01')}${state}`, {}, false),
      begin(state),
    ]) {
      assert.notEqual(span.traceId, traceId);
      assert.equal(span.parentId, '');
      assert.equal(fields, `traceparent: 00-${span.traceId}-${span.spanId}-01\r\n`);
    }
  });

  it('keeps the trace when only the state is none', () => {
    const { span, fields } = begin(`${incoming('01')}tracestate: A=1\r\n`);
    assert.equal(span.traceId, traceId);
    assert.doesNotMatch(fields, /tracestate/);
  });
});

describe('who decides', () => {
  it('the client, if it is asked and there is one; else the ratio', () => {
    for (const [flags, isParentBased, ratio, isSampled] of [
      ['01', true, 0, true],
      ['00', true, 1, false],
      ['01', false, 0, false],
      ['00', false, 1, true],
    ] as const)
      assert.equal(begin(incoming(flags), { isParentBased, ratio }).span.isSampled, isSampled);
    assert.equal(begin('', { ratio: 0 }).span.isSampled, false);
    assert.equal(begin('', { ratio: 1 }).span.isSampled, true);
    // Whom nobody trusts decides nothing.
    assert.equal(begin(incoming('01'), { ratio: 0 }, false).span.isSampled, false);
  });

  it('says the decision to the endpoint', () => {
    const { span, fields } = begin('', { ratio: 0 });
    assert.equal(fields, `traceparent: 00-${span.traceId}-${span.spanId}-00\r\n`);
    assert.deepEqual(parseTraceparent(fields.slice('traceparent: '.length).trim())?.isSampled, false);
  });
});

describe('a ratio', () => {
  it('is a bound on the identifier: exact at its edges', () => {
    const of = (digits: string): string => `${'0'.repeat(16)}${digits.padEnd(16, '0')}`;
    assert.equal(isRecorded(of('7fffffffffffffff'), 0.5), true);
    assert.equal(isRecorded(of('8'), 0.5), false);
    assert.equal(isRecorded(of('f'.repeat(16)), 1), true);
    assert.equal(isRecorded(of('0'), 0), false);
    assert.equal(isRecorded(of('0'), 0.000_001), true);
  });

  it('records about that share of traces, and of a smaller one a part of them', () => {
    const ids = Array.from({ length: 20_000 }, () => requestIds.next());
    for (const ratio of [0.01, 0.25, 0.9]) {
      const recorded = ids.filter((id) => isRecorded(id, ratio));
      const expected = ids.length * ratio;
      // Eight standard deviations: once in 10^15 runs.
      const slack = 8 * Math.sqrt(expected * (1 - ratio));
      assert.ok(Math.abs(recorded.length - expected) <= slack, `${recorded.length} of ${expected}`);
      assert.ok(ids.filter((id) => isRecorded(id, ratio / 2)).every((id) => isRecorded(id, ratio)));
    }
  });
});
