import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderJsonLine, renderTextLine } from './log-text.ts';

const time = '2026-11-21T01:02:03.456Z';

function textOf(fields: object, isColoured = false): string {
  return renderTextLine(
    `${JSON.stringify({ level: 'info', time, ...fields, message: 'route added' })}\n`,
    isColoured,
  );
}

test('a line is time, level, message, then key=value', () => {
  assert.equal(
    textOf({ host: 'a.example', count: 3, ok: true, none: null }),
    `${time} INFO  route added host=a.example count=3 ok=true none=null\n`,
  );
});

test('values with spaces, quotes or signs are quoted; objects are JSON; errors show message and stack', () => {
  assert.equal(
    textOf({ a: 'x y', b: 'say "hi"', c: 'k=v', d: '', e: 'C:\\x', f: { kind: 'Ingress' } }),
    `${time} INFO  route added a="x y" b="say \\"hi\\"" c="k=v" d="" e="C:\\\\x" f={"kind":"Ingress"}\n`,
  );
  assert.equal(
    textOf({ error: { type: 'Error', message: 'no luck', stack: 'Error: no luck\n    at x' } }),
    `${time} INFO  route added error="no luck" error.stack="Error: no luck\\n    at x"\n`,
  );
});

test('only the level is coloured', () => {
  assert.equal(textOf({ a: '1' }, true), `${time} \x1b[32mINFO \x1b[0m route added a=1\n`);
});

test('controls, line ends and characters that reorder text are escaped', () => {
  assert.equal(textOf({ a: 'x\x1b[31m\ny\r\t' }), `${time} INFO  route added a="x\\u001b[31m\\ny\\r\\t"\n`);
  assert.equal(
    textOf({ a: '\u009b\u202eabc\u2028' }),
    `${time} INFO  route added a="\\u009b\\u202eabc\\u2028"\n`,
  );
  assert.equal(textOf({ 'k\n': 'é' }), `${time} INFO  route added k\\n=é\n`);
});

test('a line that is not JSON is shown escaped', () => {
  assert.equal(renderTextLine('oops \x07\n', false), 'oops \\u0007\n');
});

test('whatever the values are, both formats give one printable line, and JSON keeps the values', () => {
  const text = fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(
    fc.property(text, text, (key, value) => {
      const record = { level: 'info', time, [`x${key}`]: value, message: value };
      const line = `${JSON.stringify(record)}\n`;
      for (const rendered of [renderTextLine(line, false), renderJsonLine(line)]) {
        assert.match(rendered, /^[^\p{C}\p{Zl}\p{Zp}]*\n$/u);
      }
      assert.deepEqual(JSON.parse(renderJsonLine(line)), record);
    }),
    { numRuns: 300 },
  );
});
