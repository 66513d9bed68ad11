// Selection: which objects of one resource a list, a watch or a deletion of many is about.
import { goQuote, type LabelSelector, matchesLabels, parseLabelSelector } from '../../kube/index.ts';
import type { ApiObject } from '../api-object.ts';
import type { Resource } from '../registry/resource.ts';
import {
  exactValue,
  type FieldSelector,
  matchesFields,
  parseFieldSelector,
  SelectorSyntaxError,
} from './field-selector.ts';

export interface Selection {
  readonly labels: LabelSelector;
  readonly fields: FieldSelector;
  /** The only namespace and name that can be selected; null: any. */
  readonly namespace: string | null;
  readonly name: string | null;
  /** No object is left out. */
  readonly isEverything: boolean;
}

/** Each is asked of every object, in a list of ten thousand too. How many values one of them names is bounded by the URL alone. */
const maxTerms = 128;

/** @throws {SelectorSyntaxError} */
export function parseSelection(labelText: string, fieldText: string, resource: Resource): Selection {
  const parsed = parseLabelSelector(labelText);
  if (parsed.kind === 'invalid') throw new SelectorSyntaxError(parsed.message);
  const labels = parsed.selector;
  const fields = parseFieldSelector(fieldText);
  const terms = labels.length + fields.length;
  if (terms > maxTerms)
    throw new SelectorSyntaxError(`the selectors have ${terms} terms, at most ${maxTerms} are taken`);
  for (const { field } of fields) expectField(field, resource);
  return {
    labels,
    fields,
    namespace: exactValue(fields, 'metadata.namespace'),
    name: exactValue(fields, 'metadata.name'),
    isEverything: labels.length === 0 && fields.length === 0,
  };
}

function expectField(field: string, { selectableFields, isCustom = false }: Resource): void {
  if (field === 'metadata.name' || field === 'metadata.namespace' || selectableFields.has(field)) return;
  // Kinds with fields of their own say it in one way, all others in another.
  const isListed = selectableFields.size > 0 || isCustom;
  throw new SelectorSyntaxError(
    isListed
      ? `field label not supported: ${field}`
      : `${goQuote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

/** Whether `object`, in the storage version, is selected. */
export function isSelected(selection: Selection, object: ApiObject, resource: Resource): boolean {
  if (selection.isEverything) return true;
  const { metadata } = object;
  if (!matchesLabels(selection.labels, metadata.labels)) return false;
  return matchesFields(selection.fields, (field) => {
    if (field === 'metadata.name') return metadata.name;
    if (field === 'metadata.namespace') return metadata.namespace ?? '';
    return resource.selectableFields.get(field)?.(object) ?? '';
  });
}
