// The body of a request as a document: a value handed over within the process, or bytes of JSON, YAML or protobuf.
import { Buffer } from 'node:buffer';
import { badRequest } from '../api-error.ts';
import type { ApiRequest } from './api-request.ts';
import { decodeProtobufBody, type ExpectedKind } from './body-protobuf.ts';
import { BodySyntaxError, type ParsedText, parseJsonText, parseYamlText } from './body-text.ts';
import { requestTooLarge, unsupportedMediaType } from './refusals.ts';

/** kube-apiserver's limit, 3 MiB. */
export const maxBodyBytes = 3 * 1024 * 1024;

/** What bodies of objects may be, as a 415 lists it. */
export const bodyTypes = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
] as const;
export type BodyType = (typeof bodyTypes)[number];

/** The media type without its parameters, in lower case. */
export function mediaTypeOf(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

export function isEmptyBody({ body }: ApiRequest): boolean {
  return body instanceof Uint8Array && body.length === 0;
}

/** @throws {ApiError} 415 */
export function expectBodyType({ body, contentType }: ApiRequest): BodyType {
  if (!(body instanceof Uint8Array) || contentType === '') return 'application/json';
  const wanted = mediaTypeOf(contentType);
  const type = bodyTypes.find((known) => known === wanted);
  if (type === undefined) throw unsupportedMediaType(bodyTypes);
  return type;
}

/** @throws {ApiError} 413 */
export function expectBodySize({ body }: ApiRequest): void {
  if (body instanceof Uint8Array && body.length > maxBodyBytes) throw requestTooLarge(maxBodyBytes);
}

/** @throws {ApiError} 413, 415 @throws {BodySyntaxError} */
export function parseBody(request: ApiRequest, wantsDuplicates: boolean, expected: ExpectedKind): ParsedText {
  const type = expectBodyType(request);
  expectBodySize(request);
  const { body } = request;
  if (!(body instanceof Uint8Array)) return { value: body.value, duplicates: [] };
  if (type === 'application/vnd.kubernetes.protobuf') {
    return { value: decodeProtobufBody(body, expected), duplicates: [] };
  }
  const text = decodeText(body);
  if (type === 'application/yaml') return parseYamlText(text, wantsDuplicates);
  try {
    return parseJsonText(text, wantsDuplicates);
  } catch (error) {
    if (!(error instanceof BodySyntaxError)) throw error;
    throw new BodySyntaxError(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}

/** Bytes that are no UTF-8 become U+FFFD, as Go's JSON decoder makes them. */
export function decodeText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

const shownBytes = 30;

/** The start of a body, for the message to the client that sent it. */
export function summarizeBody({ body }: ApiRequest): string {
  if (!(body instanceof Uint8Array)) return '<value>';
  if (body.length === 0) return '<empty>';
  const more = body.length > shownBytes ? ' ...' : '';
  const start = Buffer.from(body.subarray(0, shownBytes));
  return `${start.toString(body[0] === 0x7b ? 'utf8' : 'hex')}${more}`;
}

/** A refusal of what is no object at all. */
export function unreadableBody(request: ApiRequest, kind: string, fault: string): Error {
  const summary = summarizeBody(request);
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${fault} (${summary})`);
}
