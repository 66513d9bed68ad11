// Hostile framing for the desync oracle: lengths, codings and chunks that two readers could read differently.
import { type Attack, chunkedBody, post, refused, smuggled, smuggledLength } from './desync-attack.ts';

/** Length against coding, in every order and spelling (F5, F4, F6). */
const lengthAgainstCoding: Attack[] = [
  ...refused('CL.TE and TE.CL', [
    post('Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\nG'),
    post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', `5c\r\n${smuggled}\r\n0\r\n\r\n`),
    post('Content-Length: 0\r\nTransfer-Encoding: chunked\r\n', chunkedBody),
    post('content-length: 5\r\nTRANSFER-ENCODING: CHUNKED\r\nConnection: close\r\n', chunkedBody),
    post('Transfer-Encoding: chunked\r\nContent-Length: x\r\n', chunkedBody),
    `GET /x HTTP/1.0\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n${chunkedBody}`,
  ]),
  ...refused(
    'TE value',
    [
      'xchunked',
      'chunked, identity',
      'identity',
      'gzip, chunked',
      ',chunked',
      'chunked,',
      '"chunked"',
      'chunked;q=1',
      'chunked\x85',
      '\xa0chunked',
      '\x85chunked',
      'chun\xffed',
      '',
      'chunked chunked',
    ].map((value) => post(`Transfer-Encoding: ${value}\r\n`, chunkedBody)),
    'xxx',
  ),
  ...refused(
    'TE value with a length beside it',
    ['xchunked', 'identity', 'chunked,', '"chunked"', '\xa0chunked', ''].map((value) =>
      post(`Transfer-Encoding: ${value}\r\n${smuggledLength}`, smuggled),
    ),
  ),
  ...refused('TE value with a control byte', [
    post('Transfer-Encoding: \x0bchunked\r\n', chunkedBody),
    post('Transfer-Encoding: chunked\x0c\r\n', chunkedBody),
    post('Transfer-Encoding: chunked\x00\r\n', chunkedBody),
    post('Transfer-Encoding: chunked\x7f\r\n', chunkedBody),
  ]),
  ...refused('two TE fields', [
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', chunkedBody),
    post('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n', chunkedBody),
    post('Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n', chunkedBody),
  ]),
  ...refused('TE name', [
    post('Transfer-Encoding : chunked\r\n', chunkedBody),
    post('Transfer-Encoding\t: chunked\r\n', chunkedBody),
    post(`Transfer_Encoding: chunked\r\n${smuggledLength}`, smuggled),
    post(`Transfer.Encoding: chunked\r\n${smuggledLength}`, smuggled),
    post('Transfer\x00-Encoding: chunked\r\n', chunkedBody),
    post(' Transfer-Encoding: chunked\r\n', chunkedBody),
    post('X: y\r\n\tTransfer-Encoding: chunked\r\n', chunkedBody),
    post('Transfer-Encoding:\r\n chunked\r\n', chunkedBody),
    post('X: y\nTransfer-Encoding: chunked\r\n', chunkedBody),
    post('X: y\rTransfer-Encoding: chunked\r\n', chunkedBody),
    post('Transfer-Encoding\xff: chunked\r\n', chunkedBody),
    post(': chunked\r\n', chunkedBody),
  ]),
];

const lengths: Attack[] = [
  ...refused(
    'CL value',
    [
      '+6',
      '-1',
      '0x6',
      '6 6',
      '6,6',
      '6;',
      '6.0',
      '1e1',
      '1_0',
      '',
      '6\x85',
      '9'.repeat(30),
      '9007199254740993',
    ].map((value) => post(`Content-Length: ${value}\r\n`, smuggled)),
  ),
  ...refused('two CL fields', [
    post(`Content-Length: 0\r\n${smuggledLength}`, smuggled),
    post(`${smuggledLength}${smuggledLength}`, smuggled),
    post(`${smuggledLength}Content_Length: 0\r\n`, smuggled),
    post(`Content-Length : 0\r\n${smuggledLength}`, smuggled),
    post(`Content-Length\r\n${smuggledLength}`, smuggled),
  ]),
];

/** Chunk lines and ends (C2 to C5, T3): the head went upstream, the message must not become whole. */
const chunks = refused('chunk', [
  ...[
    `0x5\r\nhello\r\n0\r\n\r\n`,
    `5 \r\nhello\r\n0\r\n\r\n`,
    ` 5\r\nhello\r\n0\r\n\r\n`,
    `+5\r\nhello\r\n0\r\n\r\n`,
    `-5\r\nhello\r\n0\r\n\r\n`,
    `\r\nhello\r\n0\r\n\r\n`,
    `5\nhello\r\n0\r\n\r\n`,
    `5\r\nhello\n0\r\n\r\n`,
    `5\r\nhelloXX0\r\n\r\n${smuggled}`,
    `5\r\nhello\r0\r\n\r\n`,
    `5;\nhello\r\n0\r\n\r\n`,
    `2;\nxx\r\n4c\r\n0\r\n\r\n${smuggled}`,
    `5;a\rb\r\nhello\r\n0\r\n\r\n`,
    `5;a="\r\nhello\r\n0\r\n\r\n`,
    `5;\r\nhello\r\n0\r\n\r\n`,
    `5;a=\x00\r\nhello\r\n0\r\n\r\n`,
    `100000005\r\nhello\r\n0\r\n\r\n`,
    `ffffffffffffffff\r\nhello\r\n0\r\n\r\n`,
    `5;${'a'.repeat(2_000)}\r\nhello\r\n0\r\n\r\n`,
    `0\r\n\nGET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n`,
    `0\r\nX: y\n\r\n`,
    `0\r\n X: y\r\n\r\n`,
    `0\r\nX : y\r\n\r\n`,
    `0\n\r\n${smuggled}`,
    `0;\n\r\n\r\n${smuggled}`,
  ].map((body) => post('Transfer-Encoding: chunked\r\n', body)),
]);

export const framingAttacks: readonly Attack[] = [...lengthAgainstCoding, ...lengths, ...chunks];
