// FastCGI 1.0: records and name-value pairs, as a web server writes them. One request per connection, whose id is 1: multiplexing is not used, as
// servers do not take it.

export const recordTypes = {
  beginRequest: 1,
  abortRequest: 2,
  endRequest: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  stderr: 7,
} as const;

export const headerBytes = 8;
export const requestId = 1;
/** Fits the 16 bits of a length, and eight bytes divide it: no padding. */
export const maxContentBytes = 65_528;

const version = 1;
const responder = 1;

/** Eight bytes at `at`: before `length` bytes of content. */
function writeHeader(out: Buffer, at: number, type: number, length: number): void {
  out[at] = version;
  out[at + 1] = type;
  out.writeUInt16BE(requestId, at + 2);
  out.writeUInt16BE(length, at + 4);
  out[at + 6] = 0;
  out[at + 7] = 0;
}

/** The header before a piece that is written as it is. */
export function renderHeader(type: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(headerBytes);
  writeHeader(header, 0, type, length);
  return header;
}

/** The beginning of a request, and all its parameters with their end. The connection ends with the request. */
export function renderRequest(params: readonly (readonly [string, string])[]): Buffer {
  const content = renderParams(params);
  const count = Math.ceil(content.length / maxContentBytes);
  const out = Buffer.alloc(headerBytes * (count + 3) + content.length);
  writeHeader(out, 0, recordTypes.beginRequest, 8);
  out.writeUInt16BE(responder, headerBytes);
  let at = headerBytes * 2;
  for (let start = 0; start < content.length; start += maxContentBytes) {
    const length = Math.min(maxContentBytes, content.length - start);
    writeHeader(out, at, recordTypes.params, length);
    content.copy(out, at + headerBytes, start, start + length);
    at += headerBytes + length;
  }
  writeHeader(out, at, recordTypes.params, 0);
  return out;
}

/** Lengths below 128 have one byte, others four. Text is latin1, as fields of HTTP are. */
function renderParams(params: readonly (readonly [string, string])[]): Buffer {
  let size = 0;
  for (const [name, value] of params)
    size += name.length + value.length + (name.length < 128 ? 1 : 4) + (value.length < 128 ? 1 : 4);
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  for (const [name, value] of params) {
    at = writeLength(out, at, name.length);
    at = writeLength(out, at, value.length);
    at += out.write(name, at, 'latin1');
    at += out.write(value, at, 'latin1');
  }
  return out;
}

function writeLength(out: Buffer, at: number, length: number): number {
  if (length < 128) return out.writeUInt8(length, at);
  return out.writeUInt32BE(0x80_00_00_00 + length, at);
}
