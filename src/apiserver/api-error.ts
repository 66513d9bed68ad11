// ApiError: a refused request. It carries the whole Status object that the client gets (apimachinery pkg/api/errors/errors.go).
import { type FieldError, invalidStatus, type StatusCause } from '../kube/index.ts';

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The plural resource, except for 422, where it is the kind. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** `v1 Status` of a refusal. */
export interface FailureStatus {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** Group and plural resource, as 404 and 409 name it: `ingresses.networking.k8s.io`, `services`. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
}

export class ApiError extends Error {
  readonly status: FailureStatus;

  constructor(status: FailureStatus) {
    super(status.message);
    this.status = status;
  }
}

export function failure(code: number, reason: string, message: string, details?: StatusDetails): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  });
}

/** `ingresses.networking.k8s.io` or `services`. */
export function qualifiedResource({ group, plural }: ResourceName): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function detailsOf({ group, plural }: ResourceName, name: string): StatusDetails {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural };
}

export function notFound(resource: ResourceName, name: string): ApiError {
  const message = `${qualifiedResource(resource)} "${name}" not found`;
  return failure(404, 'NotFound', message, detailsOf(resource, name));
}

export function alreadyExists(resource: ResourceName, name: string): ApiError {
  const message = `${qualifiedResource(resource)} "${name}" already exists`;
  return failure(409, 'AlreadyExists', message, detailsOf(resource, name));
}

/** `why` without a final period. */
export function conflict(resource: ResourceName, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`;
  return failure(409, 'Conflict', message, detailsOf(resource, name));
}

export function staleObject(resource: ResourceName, name: string): ApiError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(resource, name, why);
}

export function forbidden(
  resource: ResourceName,
  name: string,
  why: string,
  causes?: readonly StatusCause[],
): ApiError {
  const subject = name === '' ? qualifiedResource(resource) : `${qualifiedResource(resource)} "${name}"`;
  const details = { ...detailsOf(resource, name), ...(causes === undefined ? {} : { causes }) };
  return failure(403, 'Forbidden', `${subject} is forbidden: ${why}`, details);
}

export function badRequest(message: string): ApiError {
  return failure(400, 'BadRequest', message);
}

/** An object may be wrong in fifty thousand places; nobody reads so many, and to put them into words takes seconds. */
const maxToldErrors = 500;

/** 422; `kind` is the kind, `group` empty for the core group. */
export function invalid(kind: string, group: string, name: string, errors: readonly FieldError[]): ApiError {
  const status = invalidStatus(kind, group, name, errors.slice(0, maxToldErrors));
  const more = errors.length - maxToldErrors;
  return new ApiError(more > 0 ? { ...status, message: `${status.message} and ${more} more` } : status);
}

export function methodNotSupported(resource: ResourceName, action: string): ApiError {
  const message = `${action} is not supported on resources of kind "${qualifiedResource(resource)}"`;
  return failure(405, 'MethodNotAllowed', message, detailsOf(resource, ''));
}

export function internal(message: string): ApiError {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`);
}

/** 404 of a path that leads nowhere. */
export function unknownPath(): ApiError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}
