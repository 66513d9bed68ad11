// Texts of cells that several tables share: shortened lists, labels, selectors, containers.
import { type JsonObject, readList, readObject, readText } from '../registry/read-value.ts';

const maxListed = 3;
const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** The first three, and how many more there are. */
export function renderFirst(texts: readonly string[], total: number = texts.length): string {
  const head = texts.slice(0, maxListed).join(',');
  return total > maxListed ? `${head} + ${total - maxListed} more...` : head;
}

/** `a=b,c=d` by key, or `<none>`. */
export function renderLabels(labels: JsonObject): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`);
  return parts.length === 0 ? '<none>' : parts.sort(byText).join(',');
}

/**
 * A `LabelSelector`, by key: `a=b,c in (d,e),!f`. Nothing for one that is empty or absent, null for one that means nothing
 * (an operator that does not exist, or one without the values that it needs).
 */
export function renderSelector(selector: JsonObject): string | null {
  const parts: (readonly [key: string, text: string])[] = Object.entries(
    readObject(selector, 'matchLabels'),
  ).map(([key, value]) => [key, `${key}=${String(value)}`] as const);
  for (const expression of readList(selector, 'matchExpressions')) {
    const key = readText(expression, 'key');
    const text = renderExpression(key, readText(expression, 'operator'), readList(expression, 'values'));
    if (text === null) return null;
    parts.push([key, text]);
  }
  // Requirements of one key keep their order.
  return parts
    .sort(([left], [right]) => byText(left, right))
    .map(([, text]) => text)
    .join(',');
}

function renderExpression(key: string, operator: string, values: readonly unknown[]): string | null {
  const list = values.map(String).sort(byText).join(',');
  switch (operator) {
    case 'Exists':
      return values.length === 0 ? key : null;
    case 'DoesNotExist':
      return values.length === 0 ? `!${key}` : null;
    case 'In':
      return values.length === 0 ? null : `${key} in (${list})`;
    case 'NotIn':
      return values.length === 0 ? null : `${key} notin (${list})`;
    default:
      return null;
  }
}

/** A selector as most tables show it. */
export function renderSelectorCell(selector: JsonObject): string {
  const text = renderSelector(selector);
  if (text === null) return '<error>';
  return text === '' ? '<none>' : text;
}

/** Names and images of the containers of a pod's spec. */
export function renderContainers(podSpec: JsonObject): readonly [names: string, images: string] {
  const containers = readList(podSpec, 'containers');
  return [
    containers.map((container) => readText(container, 'name')).join(','),
    containers.map((container) => readText(container, 'image')).join(','),
  ];
}

/** Addresses of a load balancer: each once, sorted; of one entry the ip, else its name. */
export function renderAddresses(entries: readonly unknown[]): string {
  const texts = entries.map((entry) => readText(entry, 'ip') || readText(entry, 'hostname'));
  return [...new Set(texts.filter((text) => text !== ''))].sort(byText).join(',');
}
