// Settings of the controller that keep requests out of every host, and what those get that a limit refuses.
import type { ParseResult } from '../features/index.ts';
import type { BlockLists, FieldPattern, TrafficSettings } from '../model/index.ts';
import { compileLinearRegex } from '../std/linear-regex/index.ts';
import { isNetwork } from './arrival-settings.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import { countBetween, readSetting, splitList } from './setting-values.ts';

const maxMembers = 1_000;
const maxTextLength = 1_024;
/** All patterns of one list have to be run for one request. */
const maxPatternProgram = 200;

/** A list of which what can be read holds, whatever the rest is: who is blocked stays so when somebody adds a wrong member. */
function listOf<Member>(
  read: (text: string) => Member | null,
  wanted: string,
): Pick<ControllerSetting<readonly Member[]>, 'parse' | 'onInvalid'> {
  const readable = (text: string): Member[] =>
    splitList(text)
      .slice(0, maxMembers)
      .flatMap((member) => read(member) ?? []);
  return {
    parse: (text): ParseResult<readonly Member[]> => {
      const members = readable(text);
      return members.length === splitList(text).length ? { value: members } : { wanted };
    },
    onInvalid: { salvage: readable, effect: 'its other members hold' },
  };
}

const patternText =
  'texts with commas between; a text is the whole value in any case, `~` before it makes it a regular expression that may be found anywhere, `~*` one in any case';

const cidrs: ControllerSetting<readonly string[]> = {
  name: 'block-cidrs',
  ...listOf((text) => (isNetwork(text) ? text : null), 'networks such as "10.0.0.0/8,fd00::/8"'),
  valueText: 'addresses and networks such as `10.0.0.0/8,fd00::/8`',
  defaultText: 'empty',
  doc: 'Clients whose requests are answered 403, for all hosts. While a member cannot be read the others hold.',
};

const userAgents: ControllerSetting<readonly FieldPattern[]> = {
  name: 'block-user-agents',
  ...listOf(
    readPattern,
    'texts, or regular expressions with "~" before them that can be matched in linear time',
  ),
  valueText: patternText,
  defaultText: 'empty',
  doc: 'Values of `User-Agent` whose requests are answered 403, for all hosts. Expressions are matched in linear time. While a member cannot be read the others hold.',
  difference: 'Expressions are a subset of PCRE, without commas; a value too costly to match is blocked.',
};

const referers: ControllerSetting<readonly FieldPattern[]> = {
  ...userAgents,
  name: 'block-referers',
  doc: 'The same for `Referer`.',
};

const requestStatus: ControllerSetting<number> = {
  name: 'limit-req-status-code',
  parse: countBetween(400, 599),
  valueText: 'a status from 400 to 599',
  defaultText: '`503`',
  doc: 'What requests get that are more than `limit-rps` or `limit-rpm` allows.',
};

const connectionStatus: ControllerSetting<number> = {
  ...requestStatus,
  name: 'limit-conn-status-code',
  doc: 'What requests get that are more than `limit-connections` allows.',
};

export const blockSettings: readonly ControllerSetting[] = [
  cidrs,
  userAgents,
  referers,
  requestStatus,
  connectionStatus,
];

export function readBlockLists(values: ControllerValues): BlockLists {
  return {
    cidrs: readSetting(values, cidrs) ?? [],
    userAgents: readSetting(values, userAgents) ?? [],
    referers: readSetting(values, referers) ?? [],
  };
}

export function readLimitStatuses(values: ControllerValues): TrafficSettings['limitStatuses'] {
  return {
    requests: readSetting(values, requestStatus) ?? 503,
    connections: readSetting(values, connectionStatus) ?? 503,
  };
}

function readPattern(text: string): FieldPattern | null {
  if (text.length > maxTextLength) return null;
  if (!text.startsWith('~')) return { kind: 'whole', text: text.toLowerCase() };
  const ignoresCase = text.startsWith('~*');
  const pattern = text.slice(ignoresCase ? 2 : 1).trim();
  const compiled = compileLinearRegex(pattern, { ignoreCase: ignoresCase, maxProgram: maxPatternProgram });
  return compiled.ok && pattern !== '' ? { kind: 'regex', pattern, ignoresCase } : null;
}
