// The table of the annotations of ingress-nginx, at the top of the page of annotations.
import { dialectEntries, supportWords } from '../src/features/index.ts';
import { renderTable } from './markdown-table.ts';

export function renderDialect(): string {
  const counts = Object.entries(supportWords)
    .map(([support, words]) => ({
      count: dialectEntries.filter((each) => each.support === support).length,
      words,
    }))
    .filter(({ count }) => count > 0)
    .map(({ count, words }) => `${count} ${words}`);
  const rows = dialectEntries.map(({ name, support, difference, example }) => [
    `\`${name}\``,
    supportWords[support],
    difference,
    `\`${example}\``,
  ]);
  return [
    '## Those of ingress-nginx',
    [
      `The ${dialectEntries.length} annotations of ingress-nginx 1.15 (\`nginx.ingress.kubernetes.io/NAME\`), and what becomes of each: ${counts.join(', ')}.`,
      'For all of them: a value that does not parse is a problem of its Ingress; where a bad value would take away a protection, the paths answer 503.',
      'Those that act on all paths of a host in ingress-nginx act on the paths of their own Ingress here, unless a [quirk](quirks.md) says otherwise; those about TLS act on the host.',
    ].join('\n'),
    renderTable(['Annotation', 'Support', 'Difference', 'Example'], rows),
  ].join('\n\n');
}
