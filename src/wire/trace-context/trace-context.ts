// W3C Trace Context: reads `traceparent` and `tracestate` strictly, and takes them out of the lines of a head in one pass.
import { equalsIgnoringCase } from '../http1/bytes.ts';

export interface TraceParent {
  /** 32 hex digits, not all zero. */
  readonly traceId: string;
  /** 16 hex digits, not all zero. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

export interface TraceFields {
  /** The lines without the two fields; the same text if there were none. */
  readonly rest: string;
  /** Values, in order. */
  readonly parents: readonly string[];
  readonly states: readonly string[];
}

const parentName = 'traceparent';
const stateName = 'tracestate';
const versionZeroLength = 55;
const maxMembers = 32;

/** Null: it is none, and what it says must not be used (section 3.2.2). A later version is read as far as this one goes. */
export function parseTraceparent(text: string): TraceParent | null {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?=-|$)/.exec(text);
  if (match === null) return null;
  const [, version = '', traceId = '', spanId = '', flags = ''] = match;
  if (version === 'ff' || (version === '00' && text.length !== versionZeroLength)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** As this version writes it: of the flags only the one that it defines. */
export function renderTraceparent({ traceId, spanId, isSampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** A key, of one part or `TENANT@SYSTEM`, and a value of printable characters that does not end with a blank (section 3.3.1). */
const memberPattern =
  /^(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/** All lines as one value, unchanged inside; empty: there are none, or they are no list of at most 32 members with different keys. */
export function joinTraceState(states: readonly string[]): string {
  const members = states
    .flatMap((state) => state.split(',', maxMembers * 2))
    .map((member) => member.replace(/^[ \t]+/, '').trimEnd())
    .filter((member) => member !== '');
  if (members.length > maxMembers || !members.every((member) => memberPattern.test(member))) return '';
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf('='))));
  return keys.size === members.length ? members.join(',') : '';
}

/** `fields`: rendered lines, as RequestHead.fields holds them. */
export function takeTraceFields(fields: string): TraceFields {
  const parents: string[] = [];
  const states: string[] = [];
  let rest = '';
  let keptFrom = 0;
  for (let start = 0; start < fields.length; ) {
    const found = fields.indexOf('\n', start);
    const end = found < 0 ? fields.length : found + 1;
    const values = listOf(fields, start, parents, states);
    if (values !== null) {
      values.push(fields.slice(fields.indexOf(':', start) + 1, end).trim());
      rest += fields.slice(keptFrom, start);
      keptFrom = end;
    }
    start = end;
  }
  return { rest: keptFrom === 0 ? fields : rest + fields.slice(keptFrom), parents, states };
}

/** Where the line that starts there belongs; null: it is another field. */
function listOf(fields: string, start: number, parents: string[], states: string[]): string[] | null {
  // Almost every line ends here.
  if ((fields.charCodeAt(start) | 0x20) !== 0x74) return null;
  if (isNamed(fields, start, parentName)) return parents;
  return isNamed(fields, start, stateName) ? states : null;
}

function isNamed(fields: string, start: number, name: string): boolean {
  const colon = start + name.length;
  return fields.charCodeAt(colon) === 0x3a && equalsIgnoringCase(fields, start, colon, name);
}
