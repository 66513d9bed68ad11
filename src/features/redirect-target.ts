// Targets of redirects with variables. A closed grammar, because what a request says may stand where it can lead nowhere else, and never in
// the name of a host that the owner of the Ingress has not written.
import type { RequestTemplate } from '../model/index.ts';
import type { ParseResult } from './contract.ts';
import { parseRequestTemplate } from './text-template.ts';

/** Scheme and host as written, or those of the request; then nothing, a path, or the path of the request. */
const absolute =
  /^(?:https?|\$scheme|\$\{scheme\}):\/\/(?:(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\$host|\$\{host\})(?::[0-9]{1,5})?|\$http_host|\$\{http_host\})(?:[/?]|$|\$(?:request_uri|uri)\b|\$\{(?:request_uri|uri)\})/;
/** A second slash or a backslash would make the rest a host, and so could the beginning of a variable. */
const relative = /^\/(?![/\\$])/;
const variables = new Set([
  'args',
  'host',
  'http_host',
  'is_args',
  'query_string',
  'request_id',
  'request_uri',
  'scheme',
  'uri',
]);

const maxLength = 2_048;

export const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];

/** For messages. */
const wantedTarget =
  'an "http" or "https" URL or a path that begins with one "/", with the variables [$scheme $host $request_uri $uri $args $is_args]';

/** A URL or a path, without blanks and quotes. */
export function parseTarget(text: string): ParseResult<RequestTemplate> {
  const isGood =
    text.length <= maxLength &&
    /^[\x21\x23-\x26\x28-\x3b\x3d\x3f-\x5b\x5d-\x7e]+$/.test(text) &&
    (absolute.test(text) || relative.test(text));
  if (!isGood) return { wanted: wantedTarget };
  const parsed = parseRequestTemplate(text);
  if ('wanted' in parsed) return { wanted: wantedTarget };
  const isKnown = parsed.value.every(
    (part) => part.kind === 'text' || (part.kind === 'variable' && variables.has(part.name)),
  );
  return isKnown ? parsed : { wanted: wantedTarget };
}
