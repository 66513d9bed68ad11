// DeleteOptions: from the body of a deletion, or from its query when there is no body (apiserver
// pkg/endpoints/handlers/delete.go, apimachinery pkg/apis/meta/v1/validation).
import {
  decodeStructure,
  type FieldError,
  goQuote,
  invalidError,
  isJsonObject,
  schemaOf,
} from '../../kube/index.ts';
import { badRequest, invalid } from '../api-error.ts';
import { isEmptyBody, parseBody } from './body.ts';
import { BodySyntaxError } from './body-text.ts';
import { describeNonObject, goScheme } from './decode-object.ts';
import type { Scope } from './parts.ts';
import type { Propagation } from './plan-deletion.ts';
import { notAmongError } from './refusals.ts';
import { queryBoolean, queryInteger, queryText } from './query-values.ts';
import { validateDryRun } from './write-options.ts';

export interface DeleteOptions {
  readonly isDryRun: boolean;
  /** Null: not said. */
  readonly policy: Propagation | null;
  /** The old way to say it; answered with 202 when the object stays and it is false. */
  readonly orphanDependents: boolean | null;
  /** Null: none. */
  readonly uid: string | null;
  readonly resourceVersion: string | null;
}

interface RawOptions {
  readonly dryRun: readonly string[];
  readonly propagationPolicy: string | null;
  readonly orphanDependents: boolean | null;
  readonly uid: string | null;
  readonly resourceVersion: string | null;
}

const policies: readonly string[] = ['Foreground', 'Background', 'Orphan'];

/** @throws {ApiError} 400, 413, 415, 422 */
export function parseDeleteOptions(scope: Scope): DeleteOptions {
  const raw = isEmptyBody(scope.request) ? readQuery(scope.request.query) : readBody(scope);
  const errors = validateOptions(raw);
  if (errors.length > 0) throw invalid('DeleteOptions', 'meta.k8s.io', '', errors);
  const { propagationPolicy, orphanDependents, dryRun, uid, resourceVersion } = raw;
  return {
    isDryRun: dryRun.length > 0,
    policy: policyOf(propagationPolicy, orphanDependents),
    orphanDependents,
    uid,
    resourceVersion,
  };
}

function policyOf(policy: string | null, orphanDependents: boolean | null): Propagation | null {
  if (orphanDependents !== null) return orphanDependents ? 'Orphan' : 'Background';
  // Validated before.
  return policy as Propagation | null;
}

function validateOptions({ dryRun, propagationPolicy, orphanDependents }: RawOptions): FieldError[] {
  const errors: FieldError[] = [];
  const field = 'propagationPolicy';
  if (propagationPolicy !== null && orphanDependents !== null) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(invalidError(field, propagationPolicy, detail));
  }
  if (propagationPolicy !== null && !policies.includes(propagationPolicy)) {
    errors.push(notAmongError(field, propagationPolicy, [...policies, 'nil']));
  }
  return [...errors, ...validateDryRun(dryRun)];
}

function readQuery(query: URLSearchParams): RawOptions {
  queryInteger(query, 'gracePeriodSeconds');
  return {
    dryRun: query.getAll('dryRun'),
    propagationPolicy: query.get('propagationPolicy'),
    orphanDependents: queryBoolean(query, 'orphanDependents'),
    uid: queryText(query, 'uid') || null,
    resourceVersion: queryText(query, 'resourceVersion') || null,
  };
}

function readBody(scope: Scope): RawOptions {
  const value = parseOptionsBody(scope);
  const kind = value['kind'] ?? 'DeleteOptions';
  const apiVersion = value['apiVersion'] ?? 'v1';
  const schema =
    kind === 'DeleteOptions' && typeof apiVersion === 'string' ? schemaOf(apiVersion, kind) : undefined;
  if (schema === undefined) {
    const shown = typeof kind === 'string' ? kind : '';
    const version = typeof apiVersion === 'string' ? apiVersion : '';
    throw badRequest(
      `no kind ${goQuote(shown)} is registered for version ${goQuote(version)} in scheme ${goScheme}`,
    );
  }
  const { value: options, typeErrors } = decodeStructure(value, schema);
  const [fault] = typeErrors;
  if (fault !== undefined) throw badRequest(fault);
  const preconditions = isJsonObject(options['preconditions']) ? options['preconditions'] : {};
  return {
    // Decoding has checked what the members are.
    dryRun: (options['dryRun'] ?? []) as readonly string[],
    propagationPolicy: (options['propagationPolicy'] ?? null) as string | null,
    orphanDependents: (options['orphanDependents'] ?? null) as boolean | null,
    uid: (preconditions['uid'] ?? null) as string | null,
    resourceVersion: (preconditions['resourceVersion'] ?? null) as string | null,
  };
}

function parseOptionsBody(scope: Scope): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    ({ value } = parseBody(scope.request, false, { apiVersion: 'v1', kind: 'DeleteOptions' }));
  } catch (error) {
    if (error instanceof BodySyntaxError) throw badRequest(error.message);
    throw error;
  }
  if (!isJsonObject(value)) throw badRequest(`couldn't get version/kind; ${describeNonObject(value)}`);
  return value;
}
