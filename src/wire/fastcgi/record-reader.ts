// RecordReader: what a FastCGI server sends, from bytes in whatever pieces to the pieces of its two streams and the end of the request. Keeps
// nothing but a header that is not complete: content is handed on as it comes.
import { headerBytes, recordTypes, requestId } from './records.ts';

export interface RecordSink {
  /** Valid until the call returns. */
  onStdout(bytes: Buffer): void;
  onStderr(bytes: Buffer): void;
  /** `status`: 0 where the server took the request; else it could not serve it. */
  onEndRequest(status: number): void;
}

const endRequestBytes = 8;

export class RecordReader {
  readonly #sink: RecordSink;
  readonly #header = Buffer.alloc(headerBytes);
  readonly #end = Buffer.alloc(endRequestBytes);
  #headerLength = 0;
  #endLength = 0;
  #type = 0;
  /** Of the present record. */
  #content = 0;
  #padding = 0;
  /** The request has ended: what follows is of no interest to anybody. */
  isEnded = false;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  /** Why it cannot be read; null: it can. After a fault nothing more is read. */
  read(bytes: Buffer): string | null {
    let at = 0;
    while (at < bytes.length && !this.isEnded) {
      if (this.#content > 0) {
        const end = Math.min(bytes.length, at + this.#content);
        this.#content -= end - at;
        this.#take(bytes.subarray(at, end));
        at = end;
      } else if (this.#padding > 0) {
        const length = Math.min(bytes.length - at, this.#padding);
        this.#padding -= length;
        at += length;
      } else {
        const length = Math.min(headerBytes - this.#headerLength, bytes.length - at);
        bytes.copy(this.#header, this.#headerLength, at, at + length);
        this.#headerLength += length;
        at += length;
        if (this.#headerLength < headerBytes) return null;
        const fault = this.#begin();
        if (fault !== null) return fault;
      }
    }
    return null;
  }

  #begin(): string | null {
    const header = this.#header;
    this.#headerLength = 0;
    this.#type = header.readUInt8(1);
    this.#content = header.readUInt16BE(4);
    this.#padding = header.readUInt8(6);
    if (header[0] !== 1) return 'fastcgi-version';
    if (header.readUInt16BE(2) !== requestId) return 'fastcgi-request-id';
    switch (this.#type) {
      case recordTypes.stdout:
      case recordTypes.stderr:
        // Length 0 ends the stream; the request ends with its own record.
        return null;
      case recordTypes.endRequest:
        return this.#content === endRequestBytes ? null : 'fastcgi-record-length';
      default:
        return 'fastcgi-record-type';
    }
  }

  #take(bytes: Buffer): void {
    if (this.#type === recordTypes.stdout) this.#sink.onStdout(bytes);
    else if (this.#type === recordTypes.stderr) this.#sink.onStderr(bytes);
    else {
      bytes.copy(this.#end, this.#endLength);
      this.#endLength += bytes.length;
      if (this.#endLength < endRequestBytes) return;
      this.isEnded = true;
      this.#sink.onEndRequest(this.#end.readUInt8(4));
    }
  }
}
