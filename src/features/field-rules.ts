// Which fields of requests and responses the owner of an Ingress may change.
import type { FieldRules } from './field-changes.ts';

/** Framing, what belongs to one connection, and what is said of a request by us alone. */
const ofRequest =
  /^(?:connection|content-length|expect|forwarded|host|http2-settings|keep-alive|proxy|proxy-.*|ssl-client-.*|te|trailer|transfer-encoding|upgrade|via|sec-websocket-.*|x-forwarded-.*|x-original-.*|x-real-ip|x-request-id|x-scheme)$/;

/** Framing, what belongs to one connection, and what others speak for: cookies (their endpoint), HSTS (the operator). */
const framing =
  'connection|content-length|date|http2-settings|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|sec-websocket-.*|alt-svc';
const unwritable = new RegExp(
  `^(?:${framing}|server|set-cookie2?|strict-transport-security|location|grpc-.*)$`,
);
const unremovable = new RegExp(`^(?:${framing}|strict-transport-security|grpc-.*)$`);

/** What lets somebody in stays where no script can read it. */
const secrets = ['authorization', 'cookie', 'proxy-authorization'];

export const requestFieldRules: FieldRules = { isRefused: (name) => ofRequest.test(name), secrets: [] };
export const responseFieldRules: FieldRules = { isRefused: (name) => unwritable.test(name), secrets };
/** Of fields that are taken out of responses. */
export const removableFieldRules: FieldRules = { isRefused: (name) => unremovable.test(name), secrets };
