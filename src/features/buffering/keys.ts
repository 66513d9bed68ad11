// The annotations of ingress-nginx about buffers. All are read and told about when wrong; what each means here, its text says.
import type { AnnotationKey, ParseResult } from '../contract.ts';
import { goBool, goInt, onOff, refuseControls, size, type Size } from '../values.ts';

const common = { dialect: 'nginx', scope: 'route', risk: 'low', onInvalid: 'default' } as const;
const sizeText = 'digits and one optional unit of `k m g` in any case (powers of 1024)';
const onOffText = '`on` or `off`';

function positiveSize(text: string): ParseResult<Size> {
  const parsed = size(text);
  return 'wanted' in parsed || parsed.value.bytes > 0
    ? parsed
    : { wanted: 'a size over zero such as "4k" or "128k"' };
}

export const headSizeKey: AnnotationKey<Size> = {
  ...common,
  name: 'proxy-buffer-size',
  setting: 'proxy-buffer-size',
  parse: positiveSize,
  defaultText: 'the flag `--max-response-head`, 32 KiB',
  valueText: sizeText,
  doc: 'The largest head of a response (status line and fields) that an endpoint may send; a larger one is answered 502 and tried elsewhere where `proxy-next-upstream` lists `invalid_header`. More than the flag allows counts as the flag. Without it the flag decides, not the 4 KiB of nginx.',
};

export const requestBufferingKey: AnnotationKey<boolean> = {
  ...common,
  name: 'proxy-request-buffering',
  parse: onOff,
  defaultText: '`off`, in ingress-nginx `on`',
  valueText: onOffText,
  doc: 'Request bodies are always passed on as they come, with bounded memory: `on` has no effect. In nginx the endpoint sees a request when all of its body has come, with a `Content-Length`. Here a chunked body stays chunked, an endpoint waits for a slow client (within the time-outs of bodies), and a request whose body was sent in part is not tried again.',
};

export const bufferingKey: AnnotationKey<boolean> = {
  ...common,
  name: 'proxy-buffering',
  parse: onOff,
  defaultText: '`off`',
  valueText: onOffText,
  doc: 'Responses are always passed on as they come, with bounded memory: `on` has no effect, and a slow client holds its endpoint back.',
};

function sizeKey(name: string, valueText: string, defaultText: string): AnnotationKey<Size> {
  return {
    ...common,
    name,
    parse: size,
    defaultText,
    valueText,
    doc: 'Read and without effect: nothing is kept in files, and the flag `--buffer-size` bounds what is kept in memory.',
  };
}

/** Accepted for their values; none changes what a client or an endpoint sees. */
export const tuningKeys: readonly AnnotationKey[] = [
  {
    ...common,
    name: 'client-body-buffer-size',
    onInvalid: 'reject',
    isAbsentWhenBlank: true,
    parse: size,
    defaultText: '`8k`',
    valueText: `${sizeText}; with the units \`b\` and \`g\` ingress-nginx does not apply it`,
    doc: 'Read and without effect: request bodies are passed on as they come.',
  },
  {
    ...common,
    name: 'proxy-buffers-number',
    parse: (text) => {
      const parsed = goInt(text);
      return 'wanted' in parsed || parsed.value > 0 ? parsed : { wanted: 'a whole number over zero' };
    },
    defaultText: '`4`',
    valueText: 'a whole number over zero',
    doc: 'Read and without effect: the flag `--buffer-size` bounds what is kept of a response.',
  },
  sizeKey('proxy-busy-buffers-size', sizeText, 'none'),
  sizeKey('proxy-max-temp-file-size', `${sizeText}; \`0\`: no file`, '`1024m`'),
];

export const httpVersionKey: AnnotationKey<'1.0' | '1.1'> = {
  ...common,
  name: 'proxy-http-version',
  parse: (text) => {
    if (text === '1.0' || text === '1.1') return { value: text };
    return refuseControls(text) ?? { wanted: '"1.0" or "1.1"' };
  },
  defaultText: '`1.1`',
  valueText: '`1.0` or `1.1`',
  doc: 'Endpoints get HTTP/1.1 in any case, or HTTP/2 where `backend-protocol` says so; with `1.0` they get `Connection: close`, too. Endpoints that speak HTTP/1.0 are understood.',
};

export const pushPreloadKey: AnnotationKey<boolean> = {
  ...common,
  name: 'http2-push-preload',
  onInvalid: 'reject',
  parse: goBool,
  defaultText: '`false`',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
  doc: 'Read and without effect, as in the last versions of ingress-nginx: browsers take no pushes any more. `Link` passes on to the client.',
};
