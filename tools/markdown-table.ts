// A table in the Markdown of the reference pages.

/** Text for a table's cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = `|${'---|'.repeat(head.length)}`;
  return [line(head), rule, ...rows.map((row) => line(row.map(cell)))].join('\n');
}
