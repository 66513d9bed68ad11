// A page that several benchmarks write: each replaces its own section, between two comments, and leaves the others as they are.

/** A section that is new goes before this heading: what stands under it is long. */
const lastHeading = '\n## Raw values\n';
const sectionPattern = /<!-- begin ([a-z:]+) -->\n[\s\S]*?<!-- end \1 -->\n/g;

function wrap(name: string, text: string): string {
  return `<!-- begin ${name} -->\n${text.trimEnd()}\n<!-- end ${name} -->\n`;
}

function sectionsOf(page: string): Map<string, string> {
  return new Map([...page.matchAll(sectionPattern)].map(([section, name = '']) => [name, section]));
}

function insert(page: string, section: string): string {
  const at = page.indexOf(lastHeading);
  if (at < 0) return `${page.trimEnd()}\n\n${section}`;
  return `${page.slice(0, at).trimEnd()}\n\n${section}${page.slice(at)}`;
}

/** The page with this text as its section of that name. `name`: lower-case letters and colons. */
export function replaceSection(page: string, name: string, text: string): string {
  const section = wrap(name, text);
  const before = sectionsOf(page).get(name);
  return before === undefined ? insert(page, section) : page.replace(before, () => section);
}

/** The new page with the sections that the old one has besides. */
export function keepSections(page: string, oldPage: string): string {
  const present = sectionsOf(page);
  let result = page;
  for (const [name, section] of sectionsOf(oldPage)) {
    if (!present.has(name)) result = insert(result, section);
  }
  return result;
}
