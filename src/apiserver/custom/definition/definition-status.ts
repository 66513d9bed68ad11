// The status of definitions: which names they got, and whether they are served (apiextensions-apiserver pkg/controller/status and
// establish). There it is written by controllers, some moments later; here in the write itself, where names cannot race.
import type { ApiObject } from '../../api-object.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { sameJson } from '../schema/json-value.ts';
import { approvalCondition } from './api-approval.ts';
import {
  type Definition,
  type DefinitionCondition,
  type DefinitionNames,
  definitionOf,
  definitionStorage,
  type DefinitionStatus,
} from './definition-types.ts';

/** All definitions of the store. */
export function listDefinitions(store: ObjectStore): Definition[] {
  const { objects } = store.list({ resource: definitionStorage, namespace: null });
  return objects.map((object: ApiObject) => definitionOf(object));
}

/** The status that a definition has beside `others`; the same value when it has it already. */
export function establishDefinition(
  definition: Definition,
  others: readonly Definition[],
  nowMs: number,
): DefinitionStatus {
  const { names, conflict } = acceptNames(definition, others);
  const approval = approvalCondition(definition);
  const conditions = [
    namesCondition(conflict),
    establishedCondition(definition, conflict === null),
    ...(approval === null ? [] : [approval]),
  ];
  const status = {
    ...definition.status,
    acceptedNames: names,
    conditions: conditions.reduce(
      (list, condition) => setCondition(list, condition, nowMs),
      definition.status.conditions,
    ),
  };
  return sameJson(status, definition.status) ? definition.status : status;
}

interface Conflict {
  readonly reason: string;
  readonly message: string;
}

interface AcceptedNames {
  readonly names: DefinitionNames;
  /** The last one, as the server reports it. */
  readonly conflict: Conflict | null;
}

/** Takes every wanted name that nobody else in the group has. */
function acceptNames(definition: Definition, others: readonly Definition[]): AcceptedNames {
  const wanted = definition.spec.names;
  const had = definition.status.acceptedNames;
  const rivals = others
    .filter(({ metadata, spec }) => {
      return spec.group === definition.spec.group && metadata.name !== definition.metadata.name;
    })
    .map(({ status }) => status.acceptedNames);
  const resources = new Set(
    rivals.flatMap(({ plural, singular = '', shortNames = [] }) => [plural, singular, ...shortNames]),
  );
  const kinds = new Set(rivals.flatMap(({ kind, listKind = '' }) => [kind, listKind]));
  let conflict: Conflict | null = null;
  const take = (name: string, before: string, used: ReadonlySet<string>, reason: string): string => {
    if (name === before || !used.has(name)) return name;
    conflict = { reason, message: `"${name}" is already in use` };
    return before;
  };
  const plural = take(wanted.plural, had.plural, resources, 'PluralConflict');
  const singular = take(wanted.singular ?? '', had.singular ?? '', resources, 'SingularConflict');
  const taken = (wanted.shortNames ?? []).filter((name) => {
    return resources.has(name) && had.shortNames?.includes(name) !== true;
  });
  if (taken.length > 0) {
    const texts = taken.map((name) => `"${name}" is already in use`);
    const message = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
    conflict = { reason: 'ShortNamesConflict', message };
  }
  const shortNames = taken.length === 0 ? wanted.shortNames : had.shortNames;
  const kind = take(wanted.kind, had.kind, kinds, 'KindConflict');
  const listKind = take(wanted.listKind ?? '', had.listKind ?? '', kinds, 'ListKindConflict');
  const names = {
    plural,
    ...(singular === '' ? {} : { singular }),
    ...(shortNames === undefined ? {} : { shortNames }),
    kind,
    ...(listKind === '' ? {} : { listKind }),
    ...(wanted.categories === undefined ? {} : { categories: wanted.categories }),
  };
  return { names, conflict };
}

function namesCondition(conflict: Conflict | null): DefinitionCondition {
  const type = 'NamesAccepted';
  if (conflict !== null) return { type, status: 'False', ...conflict };
  return { type, status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
}

/** Once established a definition stays so, whatever becomes of its names. */
function establishedCondition(definition: Definition, areNamesAccepted: boolean): DefinitionCondition {
  const type = 'Established';
  if (definition.spec.conversion?.strategy === 'Webhook') {
    const message =
      'spec.conversion.strategy is "Webhook", and this server converts no objects by webhooks: use "None"';
    return { type, status: 'False', reason: 'ConversionNotSupported', message };
  }
  const wasEstablished = definition.status.conditions.find((condition) => condition.type === type);
  if (wasEstablished?.status === 'True') return wasEstablished;
  if (!areNamesAccepted) {
    return { type, status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  }
  const message = 'the initial names have been accepted';
  return { type, status: 'True', reason: 'InitialNamesAccepted', message };
}

/** A list with the condition in it; its time changes with its status. */
export function setCondition(
  conditions: readonly DefinitionCondition[],
  condition: DefinitionCondition,
  nowMs: number,
): readonly DefinitionCondition[] {
  const old = conditions.find(({ type }) => type === condition.type);
  const isSameStatus = old?.status === condition.status && old.lastTransitionTime !== undefined;
  const lastTransitionTime = isSameStatus ? old.lastTransitionTime : renderTime(nowMs);
  const next = { ...condition, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) };
  if (old === undefined) return [...conditions, next];
  return conditions.map((other) => (other.type === condition.type ? next : other));
}

export function renderTime(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}
