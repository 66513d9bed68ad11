// The door of openapi/: the documents that say what the served kinds look like.
export { createOpenApi, type OpenApi } from './openapi.ts';
