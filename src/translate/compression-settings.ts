// Settings of the controller about the compression of responses. Keys, defaults and types are those of ingress-nginx.
import { goBool, type ParseResult, refuseControls } from '../features/index.ts';
import type { CodingSettings, CompressionSettings, FieldPattern } from '../model/index.ts';
import { compileLinearRegex } from '../std/linear-regex/index.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import { countBetween, readSetting, switchText } from './setting-values.ts';

const maxTypes = 100;
const maxPatternLength = 1_024;
const maxBytes = 1_073_741_824;

const commonTypes =
  'application/atom+xml application/javascript application/x-javascript application/json application/rss+xml application/vnd.ms-fontobject application/x-font-ttf application/x-web-app-manifest+json application/xhtml+xml application/xml font/opentype image/svg+xml image/x-icon text/css text/javascript text/plain text/x-component';
const commonTypeList: readonly string[] = commonTypes.split(' ');

const useGzip: ControllerSetting<boolean> = {
  name: 'use-gzip',
  parse: goBool,
  valueText: switchText,
  defaultText: '`false`',
  doc: 'Compresses responses with gzip for clients that take it (see `docs/guides/compression.md`). A response that is small, compressed already, a part of something (206), an answer to `HEAD`, or that says `Cache-Control: no-transform` goes as it is.',
  difference:
    'Responses with `Cache-Control: no-transform` or a digest of their content are left alone, and strong ETags become weak.',
};

const gzipLevel: ControllerSetting<number> = {
  name: 'gzip-level',
  parse: countBetween(1, 9),
  valueText: 'a whole number from 1 to 9',
  defaultText: '`1`',
  doc: 'How much time gzip takes: 1 is fastest, 9 smallest.',
};

const gzipMinLength: ControllerSetting<number> = {
  name: 'gzip-min-length',
  parse: countBetween(0, maxBytes),
  valueText: 'a count of bytes',
  defaultText: '`256`',
  doc: 'Responses whose `Content-Length` is less are not compressed with gzip. Those without one are.',
};

const gzipTypes: ControllerSetting<readonly string[]> = {
  name: 'gzip-types',
  parse: parseTypes,
  valueText: 'media types such as `text/css`, with spaces between; `*` is any',
  defaultText: `\`${commonTypes}\``,
  doc: 'Media types of responses that are compressed with gzip; `text/html` always is.',
};

const gzipDisable: ControllerSetting<readonly FieldPattern[]> = {
  name: 'gzip-disable',
  parse: parsePattern,
  valueText: 'a regular expression, in any case, or `msie6`',
  defaultText: 'empty',
  doc: 'Clients whose `User-Agent` it is found in get no gzip. Matched in linear time.',
  difference: 'A subset of PCRE.',
};

const enableBrotli: ControllerSetting<boolean> = {
  ...useGzip,
  name: 'enable-brotli',
  doc: 'The same with Brotli, which goes before gzip for clients that like both as much.',
};

const brotliLevel: ControllerSetting<number> = {
  name: 'brotli-level',
  parse: countBetween(0, 11),
  valueText: 'a whole number from 0 to 11',
  defaultText: '`4`',
  doc: 'How much time Brotli takes: 0 is fastest, 11 smallest.',
};

const brotliMinLength: ControllerSetting<number> = {
  ...gzipMinLength,
  name: 'brotli-min-length',
  defaultText: '`20`',
  doc: 'Responses whose `Content-Length` is less are not compressed with Brotli. Those without one are.',
};

const brotliTypes: ControllerSetting<readonly string[]> = {
  ...gzipTypes,
  name: 'brotli-types',
  doc: 'Media types of responses that are compressed with Brotli; `text/html` always is.',
};

export const compressionSettings: readonly ControllerSetting[] = [
  useGzip,
  gzipLevel,
  gzipMinLength,
  gzipTypes,
  gzipDisable,
  enableBrotli,
  brotliLevel,
  brotliMinLength,
  brotliTypes,
];

export function readCompression(values: ControllerValues): CompressionSettings {
  const gzip: CodingSettings = {
    level: readSetting(values, gzipLevel) ?? 1,
    minBytes: readSetting(values, gzipMinLength) ?? 256,
    types: readSetting(values, gzipTypes) ?? commonTypeList,
  };
  const brotli: CodingSettings = {
    level: readSetting(values, brotliLevel) ?? 4,
    minBytes: readSetting(values, brotliMinLength) ?? 20,
    types: readSetting(values, brotliTypes) ?? commonTypeList,
  };
  const disabledFor = readSetting(values, gzipDisable) ?? [];
  return {
    gzip: readSetting(values, useGzip) === true ? { ...gzip, disabledFor } : null,
    brotli: readSetting(values, enableBrotli) === true ? brotli : null,
  };
}

function parseTypes(text: string): ParseResult<readonly string[]> {
  const types = text.split(/[ \t\r\n]+/).filter((type) => type !== '');
  const areTypes = types.every(
    (type) => type === '*' || /^[a-z0-9][a-z0-9.+_-]{0,126}\/[a-z0-9][a-z0-9.+_-]{0,126}$/i.test(type),
  );
  if (!areTypes || types.length > maxTypes)
    return {
      wanted: `media types such as "text/css application/json" with spaces between, at most ${maxTypes}`,
    };
  return { value: types.map((type) => type.toLowerCase()) };
}

/** nginx's word for the clients that it stands for. */
const msie6 = 'MSIE [4-6]\\.';

function parsePattern(text: string): ParseResult<readonly FieldPattern[]> {
  const trimmed = text.trim();
  if (trimmed === '') return { value: [] };
  const pattern = trimmed === 'msie6' ? msie6 : trimmed;
  const compiled = compileLinearRegex(pattern, { ignoreCase: true });
  if (compiled.ok && pattern.length <= maxPatternLength)
    return { value: [{ kind: 'regex', pattern, ignoresCase: true }] };
  return (
    refuseControls(text) ?? { wanted: 'a regular expression that can be matched in linear time, or "msie6"' }
  );
}
