// The page of figures: each benchmark replaces its own section and leaves what others wrote.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keepSections, replaceSection } from '../../bench/macro/page-section.ts';

const page = '# Performance\n\n## Traffic\n\nfast\n\n## Raw values\n\n1 2 3\n';

test('a new section goes before the raw values, with one empty line around', () => {
  const expected =
    '# Performance\n\n## Traffic\n\nfast\n\n<!-- begin bench:a -->\n## A\n\nsoon\n<!-- end bench:a -->\n\n## Raw values\n\n1 2 3\n';
  assert.equal(replaceSection(page, 'bench:a', '## A\n\nsoon\n'), expected);
});

test('without raw values a new section goes to the end', () => {
  const expected = '# Performance\n\n<!-- begin bench:a -->\nsoon\n<!-- end bench:a -->\n';
  assert.equal(replaceSection('# Performance\n', 'bench:a', 'soon'), expected);
});

test('a section that is there is replaced where it stands, others stay', () => {
  const both = replaceSection(replaceSection(page, 'bench:a', 'old'), 'bench:b', 'other');
  assert.equal(
    replaceSection(both, 'bench:a', 'new $& $1'),
    both.replace('old', () => 'new $& $1'),
  );
});

test('a page that is written anew keeps the sections of the others', () => {
  const old = replaceSection(page, 'bench:a', 'kept');
  const fresh = page.replace('fast', 'faster');
  assert.equal(keepSections(fresh, old), replaceSection(fresh, 'bench:a', 'kept'));
  assert.equal(keepSections(old, replaceSection(page, 'bench:a', 'older')), old);
});

test('replacing twice is replacing once, and keeping changes nothing that is there', () => {
  const text = fc.string().filter((each) => !each.includes('<!--'));
  fc.assert(
    fc.property(text, text, (first, second) => {
      const once = replaceSection(page, 'bench:a', second);
      assert.equal(replaceSection(replaceSection(page, 'bench:a', first), 'bench:a', second), once);
      assert.equal(keepSections(once, once), once);
    }),
  );
});
