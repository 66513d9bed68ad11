// The door of rest/: the REST layer of the API server: requests about objects in, answers and watches out.
export * from './api-request.ts';
export { createApiHandler } from './handler.ts';
export type { RestParts, StartTimer } from './parts.ts';
