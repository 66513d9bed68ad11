// What a comparison found, as lines for people or as one JSON document.
import { escapeUnprintable, escapeUnprintableJson } from '../../std/printable.ts';
import { renderTally, type RequestTally } from '../request-list/index.ts';
import type { ComparedCounts } from './compare-requests.ts';
import type { DifferenceGroup, DifferenceGroups } from './difference-groups.ts';

export interface ComparisonResult {
  readonly tally: RequestTally;
  readonly counts: ComparedCounts;
  readonly groups: DifferenceGroups;
  /** What the two sides are called. */
  readonly names: readonly [old: string, next: string];
  /** Further sentences on the two sides. */
  readonly notes: readonly string[];
  /** Groups that are shown. */
  readonly top: number;
}

export function renderText(result: ComparisonResult): string {
  const { counts, groups, names, notes, top } = result;
  const sorted = groups.sorted();
  const lines = [summary(result), ...remarks(result), ...notes];
  for (const group of sorted.slice(0, top)) lines.push('', ...renderGroup(group, names));
  const hidden = sorted.slice(top).reduce((sum, { count }) => sum + count, groups.others);
  if (hidden > 0) lines.push('', `${number(hidden)} more in smaller groups`);
  if (groups.count === 0 && counts.compared > 0) lines.push('no request would be answered otherwise');
  return `${lines.map(escapeUnprintable).join('\n')}\n`;
}

function summary({ counts, groups, names }: ComparisonResult): string {
  const share = counts.compared === 0 ? '' : ` (${percent(groups.count, counts.compared)})`;
  const requests = counts.compared === 1 ? 'request' : 'requests';
  return `${names[0]} and ${names[1]}: ${number(counts.compared)} ${requests} compared, ${number(groups.count)} differ${share}`;
}

function remarks({ counts, tally }: ComparisonResult): string[] {
  const { unplaced, otherRule, notAsLogged, firstNotAsLogged } = counts;
  const left = renderTally(tally);
  return [
    ...(left === '' ? [] : [left]),
    ...(unplaced === 0
      ? []
      : [
          `${number(unplaced)} not compared: the line names no host, and its Service has no such path; --host names one`,
        ]),
    ...(otherRule === 0 ? [] : [`${number(otherRule)} taken by another rule, with the same outcome`]),
    ...(notAsLogged === 0
      ? []
      : [
          `${number(notAsLogged)} were logged for another Service than these manifests say, first in line ${firstNotAsLogged}: are they those that were in force?`,
        ]),
  ];
}

function renderGroup(
  { oldIngress, newIngress, differences, quirks, count, samples }: DifferenceGroup,
  [oldName, newName]: ComparisonResult['names'],
): string[] {
  const by = quirks.length === 0 ? '' : `  by ${quirks.join(', ')}`;
  const width = Math.max(oldName.length, newName.length) + 1;
  const lines = [
    `${number(count).padStart(10)}  ${differences.join(', ')}  ${ingressText(oldIngress, newIngress)}${by}`,
  ];
  for (const { line, method, url, old, new: next } of samples) {
    lines.push(`            line ${line}: ${method} ${url}`);
    lines.push(
      `              ${`${oldName}:`.padEnd(width)} ${old}`,
      `              ${`${newName}:`.padEnd(width)} ${next}`,
    );
  }
  return lines;
}

function ingressText(old: string, next: string): string {
  const name = (ingress: string): string => (ingress === '' ? '(no Ingress)' : ingress);
  return old === next ? name(old) : `${name(old)} -> ${name(next)}`;
}

/** Names stay, members may be added. */
export function renderJson({ tally, counts, groups, names, notes, top }: ComparisonResult): string {
  const sorted = groups.sorted();
  const document = {
    old: names[0],
    new: names[1],
    lines: tally.lines,
    leftOut: { notUnderstood: tally.notUnderstood, tooLong: tally.tooLong, firstLine: tally.firstLeftOut },
    ...counts,
    differ: groups.count,
    notes,
    groups: sorted.slice(0, top).map((group) => ({
      ...group,
      oldIngress: group.oldIngress === '' ? null : group.oldIngress,
      newIngress: group.newIngress === '' ? null : group.newIngress,
    })),
    others: sorted.slice(top).reduce((sum, { count }) => sum + count, groups.others),
  };
  return `${escapeUnprintableJson(JSON.stringify(document, null, 2))}\n`;
}

function number(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Never 0 for what is some, never 100 for what is not all. */
function percent(part: number, whole: number): string {
  const value = (part / whole) * 100;
  if (part === 0 || part === whole) return `${value} %`;
  return value < 0.01 ? 'less than 0.01 %' : `${Math.min(value, 99.99).toFixed(2)} %`;
}
