// The door of request-list/: requests out of access logs and lists of URLs.
export type { ListedRequest } from './listed-request.ts';
export { openRequestFile, type RequestFile, RequestFileError } from './request-file.ts';
export { newTally, readRequests, renderTally, type RequestTally } from './read-requests.ts';
