// The annotations of deny/: which requests are refused.
import { compileLinearRegex } from '../../std/linear-regex/index.ts';
import { hasValidEscapes, readPath } from '../../std/uri-path/index.ts';
import type { AnnotationKey, ParseResult } from '../contract.ts';
import { parseLines } from '../lines.ts';
import { refuseControls } from '../values.ts';

const maxPatterns = 50;
const maxPaths = 200;
/** Of one pattern: all patterns of a key together keep to what one request may cost. */
const maxProgram = 500;

const common = {
  dialect: 'sallyport',
  scope: 'route',
  risk: 'medium',
  onInvalid: 'deny',
  defaultText: 'none',
} as const;

const patternText =
  'lines, each a regular expression (of the subset that takes linear time) that is searched for in any case';

function parsePatterns(text: string): ParseResult<readonly string[]> {
  return parseLines(text, {
    maxLines: maxPatterns,
    parseLine: (line) => {
      const compiled = compileLinearRegex(line, { ignoreCase: true, maxProgram });
      return compiled.ok
        ? { value: line }
        : { wanted: `a regular expression (${compiled.message}, at offset ${compiled.at})` };
    },
  });
}

function parsePaths(text: string): ParseResult<readonly string[]> {
  return parseLines(text, { maxLines: maxPaths, parseLine: parsePath });
}

/** In the form in which requests are compared, so that no spelling of a request slips by. */
function parsePath(line: string): ParseResult<string> {
  const wanted = { wanted: 'a path that begins with "/", without query' };
  if (!line.startsWith('/') || /[\s?#\\*]/.test(line) || !hasValidEscapes(line)) return wanted;
  const read = readPath(line);
  return typeof read === 'string' ? wanted : { value: read.path };
}

/** RFC 9110 9.1, bounded; methods are compared byte for byte. */
function parseMethods(text: string): ParseResult<readonly string[]> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const methods = [...new Set(text.split(',').map((method) => method.trim()))];
  const isGood = methods.length <= 50 && methods.every((method) => /^[A-Z][A-Z-]{0,31}$/.test(method));
  return isGood ? { value: methods } : { wanted: 'methods in upper case with commas between' };
}

export const pathsKey: AnnotationKey<readonly string[]> = {
  ...common,
  name: 'deny-paths',
  isLines: true,
  parse: parsePaths,
  valueText: 'lines, each a path',
  doc: 'Requests for these paths and all below them are answered 403, however the client spells them (`%2F` counts as `/`, too); letters count in their case.',
};

export const agentsKey: AnnotationKey<readonly string[]> = {
  ...common,
  name: 'deny-user-agents',
  isLines: true,
  parse: parsePatterns,
  valueText: patternText,
  doc: 'Requests whose `User-Agent` has one of these are answered 403. `^$` is one that says nothing.',
};

export const referersKey: AnnotationKey<readonly string[]> = {
  ...common,
  name: 'deny-referers',
  isLines: true,
  parse: parsePatterns,
  valueText: patternText,
  doc: 'The same for `Referer`.',
};

export const allowMethodsKey: AnnotationKey<readonly string[]> = {
  ...common,
  name: 'allow-methods',
  parse: parseMethods,
  valueText: 'methods with commas between',
  doc: 'Requests with any other method are answered 405 with `Allow`. `GET` lets `HEAD` in, too. Preflight requests of allowed origins (`enable-cors`) are answered before.',
};

export const denyMethodsKey: AnnotationKey<readonly string[]> = {
  ...common,
  name: 'deny-methods',
  parse: parseMethods,
  valueText: 'methods with commas between',
  doc: 'Requests with these methods are answered 405, those that `allow-methods` lets in among them.',
};
