// The parameters that a ConfigMap adds to FastCGI requests: names and values, judged before any of them counts.
import { documentRoot, type FastCgi, type FastCgiPart, type ObjectKey } from '../../model/index.ts';
import type { AnnotationValues, CompileContext, ParseResult } from '../contract.ts';
import { parseRequestTemplate } from '../text-template.ts';
import { readValue } from '../values.ts';
import { paramsKey } from './keys.ts';

const maxParams = 100;
const maxValueLength = 4_096;

/** The ConfigMap that the annotation names; null: none. */
export function paramsObject(values: AnnotationValues, namespace: string): ObjectKey | null {
  const text = readValue(values, paramsKey) ?? '';
  if (text === '') return null;
  return (text.includes('/') ? text : `${namespace}/${text}`) as ObjectKey;
}

/** What is wrong with the ConfigMap, in a sentence that follows its name; or the parameters. */
export function readParams(
  key: ObjectKey,
  { namespace, configMaps }: CompileContext,
): ParseResult<FastCgi['params']> {
  if (!key.startsWith(`${namespace}/`)) return { wanted: 'which is of another namespace' };
  const data = configMaps.get(key);
  if (data === undefined) return { wanted: 'which does not exist' };
  const entries = Object.entries(data);
  if (entries.length > maxParams) return { wanted: `which has more than ${maxParams} keys` };
  const params: [string, readonly FastCgiPart[]][] = [];
  for (const [name, text] of entries) {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) || name.toUpperCase() === 'HTTP_PROXY')
      return { wanted: `whose key ${JSON.stringify(name.slice(0, 50))} is no parameter that can be set` };
    const value = parseValue(text.trim());
    if ('wanted' in value)
      return { wanted: `whose parameter "${name}" has no value that can be read, wanted ${value.wanted}` };
    params.push([name, value.value]);
  }
  return { value: params };
}

/** Variables of FastCGI, and between them those of requests. */
function parseValue(text: string): ParseResult<readonly FastCgiPart[]> {
  if (text.length > maxValueLength) return { wanted: `of ${maxValueLength} characters at most` };
  const parts: FastCgiPart[] = [];
  const own =
    /\$(?:\{(fastcgi_script_name|document_root|document_uri)\}|(fastcgi_script_name|document_root|document_uri)(?!\w))/g;
  let at = 0;
  for (const match of text.matchAll(own)) {
    const before = parseRequestTemplate(text.slice(at, match.index));
    if ('wanted' in before) return before;
    parts.push(...before.value, ownPart(match[1] ?? match[2] ?? ''));
    at = match.index + match[0].length;
  }
  const rest = parseRequestTemplate(text.slice(at));
  return 'wanted' in rest ? rest : { value: [...parts, ...rest.value] };
}

function ownPart(name: string): FastCgiPart {
  if (name === 'fastcgi_script_name') return { kind: 'script' };
  return name === 'document_uri' ? { kind: 'document' } : { kind: 'text', text: documentRoot };
}
