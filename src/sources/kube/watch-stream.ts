// The body of a watch: one JSON frame per line, handed over in order as soon as each is complete. The next bytes are read only
// after all frames of the last have been taken, so a slow taker holds the server back, not memory.
import type { IncomingMessage } from 'node:http';
import { ApiUnavailableError, type ApiWatchFrame } from './api-client.ts';
import { ApiTooLargeError } from './http-exchange.ts';
import { LineSplitter } from './line-splitter.ts';

/** Resolves at the end of the stream. @throws {ApiUnavailableError} for what is no frame, or breaks off. */
export async function readFrames(
  response: IncomingMessage,
  maxFrameBytes: number,
  onFrame: (frame: ApiWatchFrame) => void,
): Promise<void> {
  const splitter = new LineSplitter(maxFrameBytes, (line) => onFrame(parseFrame(line)));
  // An exception below ends the loop, and that destroys the stream.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (!splitter.push(chunk)) {
      throw new ApiTooLargeError(`a frame of the watch has more than ${maxFrameBytes} bytes`);
    }
  }
  if (splitter.isWithinLine) throw new ApiUnavailableError('the watch broke off within a frame');
}

function parseFrame(line: string): ApiWatchFrame {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new ApiUnavailableError('a frame of the watch is not JSON');
  }
  if (isFrame(value)) return value;
  throw new ApiUnavailableError('a frame of the watch has no type and object');
}

function isFrame(value: unknown): value is ApiWatchFrame {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('object' in value)) return false;
  return typeof value.type === 'string' && typeof value.object === 'object' && value.object !== null;
}
