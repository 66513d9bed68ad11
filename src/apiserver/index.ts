// The door of apiserver/: the embedded API server.
export { administrator, ApiServer, type ApiServerOptions } from './api-server.ts';
export * from './rest/api-request.ts';
export { StorageError } from './storage/index.ts';
