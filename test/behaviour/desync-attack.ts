// What an attack of the desync corpus is, and how its inputs are put together. Routes: see desync.test.ts.

export interface Attack {
  readonly name: string;
  /** Bytes, latin1. */
  readonly input: string;
  /** Statuses in order, e.g. `200 400`; a regular expression in which x is any digit. */
  readonly statuses: string;
  /** `METHOD target` of the whole requests that upstreams see. */
  readonly reaches: readonly string[];
}

export const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: secret.test\r\n\r\n';
export const after = 'GET /after HTTP/1.1\r\nHost: a.test\r\n\r\n';

export function post(fields: string, body = '', path = '/x'): string {
  return `POST ${path} HTTP/1.1\r\nHost: a.test\r\n${fields}\r\n${body}`;
}

export function refused(name: string, inputs: readonly string[], statuses = '4xx'): Attack[] {
  return inputs.map((input, index) => ({ name: `${name} ${index}`, input, statuses, reaches: [] }));
}

export const smuggledLength = `Content-Length: ${smuggled.length}\r\n`;
export const chunkedBody = `0\r\n\r\n${smuggled}`;
