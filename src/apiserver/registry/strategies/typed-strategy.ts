// How a strategy is written down: with the type of its kind, and with kube's most common behaviour where it says nothing.
import type { FieldError } from '../../../kube/index.ts';
import type { ApiObject } from '../../api-object.ts';
import { isEqualValue } from '../equal-values.ts';
import type { JsonObject } from '../read-value.ts';
import type { StoredKey } from '../../storage/store.ts';
import type { Strategy, WriteContext } from '../resource.ts';

export interface TypedStrategy<Kind> {
  /** Absent: status (of a kind that has one) is set to `emptyStatus`. */
  readonly prepareCreate?: (object: Kind, context: WriteContext) => Kind;
  /** Absent: the main endpoint keeps the status, /status keeps the rest but for metadata. */
  readonly prepareUpdate?: (next: Kind, old: Kind, context: WriteContext) => Kind;
  readonly validateCreate: (object: Kind, context: WriteContext) => readonly FieldError[];
  readonly validateUpdate: (next: Kind, old: Kind, context: WriteContext) => readonly FieldError[];
  readonly warnings?: (object: Kind, context: WriteContext) => readonly string[];
  readonly allocate?: (object: Kind, old: Kind | null, context: WriteContext) => Kind;
  readonly beforeDelete?: (object: Kind, context: WriteContext) => Kind | null;
  readonly holdsDeletion?: (object: Kind) => boolean;
  readonly companions?: (object: Kind) => readonly StoredKey[];
  readonly countsGeneration?: (next: Kind, old: Kind) => boolean;
  /** Absent: no. */
  readonly allowsCreateOnUpdate?: boolean;
  /** Absent: yes. */
  readonly allowsUnconditionalUpdate?: boolean;
  /** What a new object's status is; absent: the kind has no status. */
  readonly emptyStatus?: JsonObject;
}

/**
 * The strategy in the form that the REST layer calls. It hands over only what was decoded with the kind's schema and converted by
 * its row, so the objects have the kind's type; this and `convertsWith` are the only places where that is taken on trust.
 */
export function strategyOf<Kind>(typed: TypedStrategy<Kind>): Strategy {
  const untyped = typed as unknown as TypedStrategy<ApiObject>;
  const { emptyStatus } = untyped;
  const {
    prepareCreate = emptyStatus === undefined ? keepAll : (object) => ({ ...object, status: emptyStatus }),
    prepareUpdate = emptyStatus === undefined ? keepAll : keepOther,
    warnings = () => [],
  } = untyped;
  return {
    prepareCreate,
    prepareUpdate,
    validateCreate: untyped.validateCreate,
    validateUpdate: untyped.validateUpdate,
    warnings,
    ...(untyped.allocate === undefined ? {} : { allocate: untyped.allocate }),
    ...(untyped.beforeDelete === undefined ? {} : { beforeDelete: untyped.beforeDelete }),
    ...(untyped.holdsDeletion === undefined ? {} : { holdsDeletion: untyped.holdsDeletion }),
    ...(untyped.companions === undefined ? {} : { companions: untyped.companions }),
    ...(untyped.countsGeneration === undefined ? {} : { countsGeneration: untyped.countsGeneration }),
    allowsCreateOnUpdate: typed.allowsCreateOnUpdate ?? false,
    allowsUnconditionalUpdate: typed.allowsUnconditionalUpdate ?? true,
    resetFields: emptyStatus === undefined ? {} : { '': ['status'], status: ['spec'] },
  };
}

/** A conversion between versions in the form that the REST layer calls; see `strategyOf`. */
export function convertsWith(convert: (object: never) => object): (object: ApiObject) => ApiObject {
  return convert as unknown as (object: ApiObject) => ApiObject;
}

const keepAll = (object: ApiObject): ApiObject => object;

/** On the main endpoint the status stays, on /status everything else but metadata. */
function keepOther(next: ApiObject, old: ApiObject, { subresource }: WriteContext): ApiObject {
  if (subresource !== 'status') return withMemberOf(next, old, 'status');
  const { apiVersion, kind, metadata, status } = next;
  const { status: _status, ...rest } = old;
  return { ...rest, apiVersion, kind, metadata, ...(status === undefined ? {} : { status }) };
}

/** `next` with a member as `old` has it, or without. */
export function withMemberOf<Kind extends object>(next: Kind, old: Kind, name: keyof Kind & string): Kind {
  const { [name]: _replaced, ...rest } = next;
  const kept: Partial<Kind> = Object.hasOwn(old, name) ? ({ [name]: old[name] } as Partial<Kind>) : {};
  // Only the member that is replaced can be missing, and it is optional where `old` lacks it.
  return { ...rest, ...kept } as Kind;
}

/** For kinds whose generation counts changes of the spec. */
export function changesSpec(next: { readonly spec?: unknown }, old: { readonly spec?: unknown }): boolean {
  return !isEqualValue(next.spec, old.spec);
}
