// The Accept field: whether an answer is an object, a Table or the metadata alone (apiserver pkg/endpoints/handlers/negotiation).
import { failure } from '../api-error.ts';

export type AnswerForm = 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface Negotiated {
  readonly form: AnswerForm;
  /** apiVersion of Tables and partial objects. */
  readonly metaVersion: 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1';
  readonly mediaType: 'application/json' | 'application/yaml';
}

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** What an answer can be rendered as. Protobuf is read, never written: clients that ask for it name JSON too. */
const mediaTypes = ['application/json', 'application/yaml'] as const;

/** More choices than any client has; the rest is not read. */
const maxClauses = 64;

export function notAcceptable(message: string): Error {
  return failure(406, 'NotAcceptable', message);
}

/** @throws {ApiError} 406 */
export function negotiateAnswer(accept: string): Negotiated {
  const plain: Negotiated = { form: 'object', metaVersion: 'meta.k8s.io/v1', mediaType: 'application/json' };
  if (accept.trim() === '') return plain;
  for (const clause of parseAccept(accept)) {
    const mediaType = mediaTypes.find((type) => matchesType(clause.type, type));
    const form = mediaType === undefined ? null : formOf(clause.parameters);
    if (mediaType !== undefined && form !== null) return { ...form, mediaType };
  }
  throw notAcceptable(`only the following media types are accepted: ${mediaTypes.join(', ')}`);
}

/** The most wanted first; among equals a full type before a range, then the order of the field. */
function parseAccept(accept: string): Clause[] {
  const clauses = accept.split(',', maxClauses).map((text): Clause => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters = new Map(rest.map(parseParameter));
    const quality = Number(parameters.get('q') ?? 1);
    return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 };
  });
  const rank = ({ type }: Clause): number => (type === '*/*' ? 2 : type.endsWith('/*') ? 1 : 0);
  return clauses
    .filter(({ quality }) => quality > 0)
    .sort((left, right) => right.quality - left.quality || rank(left) - rank(right));
}

function parseParameter(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  const name = (at < 0 ? text : text.slice(0, at)).trim().toLowerCase();
  const value = at < 0 ? '' : text.slice(at + 1).trim();
  return [name, value.replace(/^"(.*)"$/, '$1')];
}

function matchesType(wanted: string, type: string): boolean {
  return wanted === type || wanted === '*/*' || wanted === 'application/*';
}

const forms: ReadonlySet<string> = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

/** Null: a form that nobody makes; the clause does not count. */
function formOf(parameters: ReadonlyMap<string, string>): Omit<Negotiated, 'mediaType'> | null {
  const stream = parameters.get('stream') ?? '';
  if (stream !== '' && stream !== 'watch') return null;
  const kind = parameters.get('as');
  const group = parameters.get('g');
  const version = parameters.get('v');
  if (kind === undefined && group === undefined && version === undefined) {
    return { form: 'object', metaVersion: 'meta.k8s.io/v1' };
  }
  if (kind === undefined || !forms.has(kind) || group !== 'meta.k8s.io') return null;
  if (version !== 'v1' && version !== 'v1beta1') return null;
  return { form: kind as AnswerForm, metaVersion: `meta.k8s.io/${version}` };
}
