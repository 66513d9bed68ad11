// `kubectl --as`: a request in the name of another user (Impersonate-User, Impersonate-Group). Not to read these fields would let a
// request through with the rights of who sent it, although it asked for fewer.
import type { IncomingHttpHeaders } from 'node:http';
import { failure } from '../api-error.ts';
import type { UserInfo } from '../rest/api-request.ts';

/** Who may speak for others. */
const administrators = 'system:masters';
const anonymous = 'system:anonymous';

/** The user for whom the request is made. @throws {ApiError} It may not be, or the fields contradict each other. */
export function impersonate(headers: IncomingHttpHeaders, user: UserInfo): UserInfo {
  const name = lastValue(headers['impersonate-user']);
  const groups = [headers['impersonate-group'] ?? []].flat().flatMap((value) => value.split(', '));
  const others = Object.keys(headers).filter(
    (field) => field === 'impersonate-uid' || field.startsWith('impersonate-extra-'),
  );
  if (name === '') {
    if (groups.length === 0 && others.length === 0) return user;
    throw failure(
      500,
      'InternalError',
      'requested groups, a uid or extra fields without impersonating a user',
    );
  }
  if (!user.groups.includes(administrators))
    throw failure(
      403,
      'Forbidden',
      `users "${name}" is forbidden: User "${user.name}" cannot impersonate resource "users" in API group "" at the cluster scope`,
    );
  const own = name === anonymous ? 'system:unauthenticated' : 'system:authenticated';
  return { name, groups: [...new Set([...groups, own])] };
}

function lastValue(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value.at(-1) : value)?.trim() ?? '';
}
