// Makes answers of two servers comparable: what a server chooses (uids, versions, times, addresses, ports, generated names) becomes a
// mask. Equal values of one case get equal masks, so that what stays the same and what changes is compared all the same.
import type { Answer, WatchAnswer } from './exchange.ts';
import type { CaseRun } from './run-case.ts';

const dayMs = 86_400_000;
const uidPattern = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const timePattern = /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| \+0000 UTC)/g;
/** 10.96.0.0/12 */
const addressPattern = /\b10\.(?:9[6-9]|10\d|11[01])\.\d{1,3}\.\d{1,3}\b/g;
const nodePortPattern = /\b(?:3[01]\d{3}|32[0-6]\d{2}|327[0-5]\d|3276[0-7])\b/g;
const agePattern = /^(?:\d+[smhd]|<invalid>)$/;
const textMasks: readonly (readonly [RegExp, string])[] = [
  // Whole objects are shown in the order of their fields, which is no server's promise.
  [/Invalid value: "\{\\"(?:apiVersion|kind|metadata|spec)\\".*\}": /gs, 'Invalid value: "<object>": '],
  [/(ResourceVersion in record \()\d+(\))/g, '$1<version>$2'],
  [/(Too large resource version: \d+, current: )\d+/g, '$1<version>'],
  [/(too old resource version: \d+ \()\d+(\))/g, '$1<version>$2'],
];

/** The answers of a run as they are recorded and compared. */
export function normaliseRun(run: CaseRun): unknown {
  const masks = new Masks(run);
  return run.answers.map((answer) => normaliseAnswer(answer, masks));
}

function normaliseAnswer(answer: Answer | WatchAnswer, masks: Masks): unknown {
  const { status, contentType, warnings, retryAfter } = answer;
  const head = {
    status,
    contentType,
    ...(warnings.length === 0 ? {} : { warnings: warnings.map((text) => masks.text(text)) }),
    ...(retryAfter === null ? {} : { retryAfter }),
  };
  if ('frames' in answer) {
    const frames = answer.frames.map((frame) => masks.value(maskBookmark(frame)));
    return { ...head, frames, isEnded: answer.isEnded };
  }
  return { ...head, body: masks.value(answer.body) };
}

type JsonObject = Readonly<Record<string, unknown>>;

class Masks {
  readonly #run: CaseRun;
  readonly #numbers = new Map<string, Map<string, string>>();
  /** Names that the server made, and what they were made of. */
  readonly #generated = new Map<string, string>();

  constructor(run: CaseRun) {
    this.#run = run;
    for (const answer of run.answers) this.#findGenerated('frames' in answer ? answer.frames : answer.body);
  }

  /** Members in the order of their names, so that masks are numbered alike whatever the order in the answer. */
  value(value: unknown, key = '', owner: JsonObject = {}): unknown {
    if (typeof value === 'string') return this.#member(value, key, owner);
    if (typeof value === 'number') return this.#number(value, key);
    if (Array.isArray(value)) return value.map((item) => this.value(item, key, owner));
    if (!isObject(value)) return value;
    // Metadata belongs to its object, resources to their group.
    const isPart = key === 'metadata' || key === 'resources';
    const parent = isPart ? owner : value;
    const entries = Object.keys(value)
      .sort()
      .map((name) => [name, this.value(value[name], name, parent)]);
    return Object.fromEntries(entries) as JsonObject;
  }

  text(text: string): string {
    const { namespace, sent } = this.#run;
    let masked = text;
    for (const [name, base] of this.#generated) masked = masked.replaceAll(name, `${base}<suffix>`);
    masked = masked.replaceAll(namespace, '<ns>');
    masked = masked.replaceAll(uidPattern, (uid) => (this.#isSent(uid) ? uid : this.#mask('uid', uid)));
    masked = masked.replaceAll(timePattern, (time) => (isRecent(time) ? maskTime(time) : time));
    masked = masked.replaceAll(addressPattern, (ip) => (this.#isSent(ip) ? ip : this.#mask('ip', ip)));
    masked = masked.replaceAll(nodePortPattern, (port) =>
      sent.includes(port) ? port : this.#mask('port', port),
    );
    for (const [pattern, replacement] of textMasks) masked = masked.replaceAll(pattern, replacement);
    return masked;
  }

  #member(text: string, key: string, owner: JsonObject): string {
    if (key === 'resourceVersion' && /^\d+$/.test(text) && text !== '0') {
      if (isCollection(owner)) return '<version of the list>';
      return this.#mask('version', text);
    }
    if (/(?:^|\/)continue$/.test(key) && text !== '') return '<continue>';
    // Every project describes its columns in its own words.
    if (key === 'description' && !this.#isSent(text)) return '<description>';
    // How long ago something was.
    if (key.endsWith('cells') && agePattern.test(text)) return '<age>';
    if (key === 'storageVersionHash' && this.#isOwn(owner)) return '<hash>';
    return this.text(text);
  }

  #number(value: number, key: string): unknown {
    if (key !== 'nodePort' && key !== 'healthCheckNodePort') return value;
    return value === 0 || this.#run.sent.includes(String(value)) ? value : this.#mask('port', String(value));
  }

  /** Whether the group of the resource has the name of this run in it. */
  #isOwn({ groupVersion }: JsonObject): boolean {
    return typeof groupVersion === 'string' && groupVersion.includes(this.#run.namespace);
  }

  #isSent(text: string): boolean {
    return this.#run.sent.includes(text);
  }

  #mask(what: string, value: string): string {
    let known = this.#numbers.get(what);
    if (known === undefined) {
      known = new Map();
      this.#numbers.set(what, known);
    }
    let mask = known.get(value);
    if (mask === undefined) {
      mask = `<${what} ${known.size + 1}>`;
      known.set(value, mask);
    }
    return mask;
  }

  #findGenerated(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    const { name, generateName } = value as { readonly name?: unknown; readonly generateName?: unknown };
    if (typeof name === 'string' && typeof generateName === 'string' && generateName !== '') {
      if (!this.#run.sent.includes(name)) this.#generated.set(name, name.slice(0, -5));
    }
    for (const member of Object.values(value)) this.#findGenerated(member);
  }
}

/** Lists and Tables: their version is the store's, not an object's. */
function isCollection({ kind }: JsonObject): boolean {
  return typeof kind === 'string' && /^Table$|List$/.test(kind);
}

/** Of a bookmark too. */
function maskBookmark(frame: unknown): unknown {
  if (!isObject(frame) || frame['type'] !== 'BOOKMARK' || !isObject(frame['object'])) return frame;
  const { metadata } = frame['object'];
  if (!isObject(metadata)) return frame;
  const masked = { ...metadata, resourceVersion: '<version of the list>' };
  return { ...frame, object: { ...frame['object'], metadata: masked } };
}

/** Times of the present are a server's; older and later ones were sent to it. */
function isRecent(time: string): boolean {
  return Math.abs(Date.now() - Date.parse(time.replace(' +0000 UTC', 'Z'))) < dayMs;
}

function maskTime(time: string): string {
  return time.includes('.') ? '<microtime>' : '<time>';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
