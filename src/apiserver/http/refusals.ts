// The answers that the listener gives itself, before a request reaches the API.
import { type ApiError, failure } from '../api-error.ts';
import type { ValueResponse } from '../rest/api-request.ts';

export function refusal(error: ApiError, headers?: Readonly<Record<string, string>>): ValueResponse {
  const { status } = error;
  return {
    kind: 'value',
    status: status.code,
    value: status,
    warnings: [],
    ...(headers === undefined ? {} : { headers }),
  };
}

export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Statuses of apimachinery pkg/api/errors. */
export const refusals = {
  unauthorized: () => refusal(failure(401, 'Unauthorized', 'Unauthorized')),
  badRequest: (message: string) => refusal(failure(400, 'BadRequest', message)),
  methodNotAllowed: () =>
    refusal(
      failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {}),
      { Allow: methods.join(', ') },
    ),
  notAcceptable: (types: string) =>
    refusal(failure(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${types}`, {})),
  noSuchStream: (type: string) =>
    refusal(
      failure(406, 'NotAcceptable', `only the following media types are accepted: ${type};stream=watch`),
    ),
  tooLarge: (maxBytes: number) =>
    refusal(failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBytes}`)),
  encodedBody: (encoding: string) =>
    refusal(
      failure(
        415,
        'UnsupportedMediaType',
        `the content encoding "${encoding.slice(0, 64)}" of the body is not supported, wanted none`,
      ),
    ),
  tooManyRequests: () =>
    refusal(
      failure(429, 'TooManyRequests', 'too many requests, please try again later', {
        retryAfterSeconds: 1,
      }),
      { 'Retry-After': '1' },
    ),
  internal: () =>
    refusal(failure(500, 'InternalError', 'Internal error occurred: the request could not be served')),
} as const;
