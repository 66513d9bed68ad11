// Names of a resource and its kind, wanted (`spec.names`) or accepted (`status.acceptedNames`).
import { checkDns1035Label, type FieldError, invalidError } from '../../../kube/index.ts';
import type { DefinitionNames } from './definition-types.ts';

export function validateNames(names: DefinitionNames, path: string): FieldError[] {
  const { plural, singular = '', kind, listKind = '', shortNames = [], categories = [] } = names;
  const errors = [
    ...validateLabel(plural, `${path}.plural`),
    ...validateLabel(singular, `${path}.singular`),
    ...validateKind(kind, `${path}.kind`),
    ...validateKind(listKind, `${path}.listKind`),
    ...shortNames.flatMap((name, index) => validateLabel(name, `${path}.shortNames[${index}]`, true)),
  ];
  if (kind !== '' && kind === listKind) {
    errors.push(invalidError(`${path}.listKind`, listKind, 'kind and listKind may not be the same'));
  }
  return [
    ...errors,
    ...categories.flatMap((name, index) => validateLabel(name, `${path}.categories[${index}]`, true)),
  ];
}

function validateLabel(name: string, field: string, isEmptyWrong = false): FieldError[] {
  if (name === '' && !isEmptyWrong) return [];
  const messages = checkDns1035Label(name);
  return messages.length === 0 ? [] : [invalidError(field, name, messages.join(','))];
}

function validateKind(kind: string, field: string): FieldError[] {
  const messages = kind === '' ? [] : checkDns1035Label(kind.toLowerCase());
  if (messages.length === 0) return [];
  const detail = `may have mixed case, but should otherwise match: ${messages.join(',')}`;
  return [invalidError(field, kind, detail)];
}
