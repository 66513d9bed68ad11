// Finding: what there is to say of the document of a file after it was applied, or was not; where the file has it is found later.
import { isJsonObject } from '../../kube/index.ts';
import type { FileFailure } from '../../sources/index.ts';
import { listOf, textOf } from './api-kinds.ts';
import type { FieldConflict } from './field-conflicts.ts';

export interface Finding extends Pick<FileFailure, 'severity' | 'code' | 'field' | 'message'> {
  /** True: the API holds an earlier version, made from the file. */
  readonly lastGoodServes: boolean;
}

/** Told of one object; each further one helps nobody. */
const maxFindings = 20;
/** Longest message, characters: it may quote the value. */
const maxMessageChars = 1_000;

function notApplied(severity: 'error' | 'warning', message: string): Finding {
  return { severity, code: 'NotApplied', field: '', message: cut(message), lastGoodServes: false };
}

export function foreignObject(kind: string): Finding {
  // What a file wants of a namespace is mostly that it is there.
  if (kind === 'Namespace')
    return notApplied('warning', 'exists already and was not made from a file; it is left as it is');
  const advice = 'it is left alone: delete it or take it out of the file';
  return notApplied('error', `exists already and was not made from a file; ${advice}`);
}

export function unknownKind(apiVersion: string, kind: string): Finding {
  const when = 'it is applied as soon as a CustomResourceDefinition brings it';
  return notApplied('warning', `the API serves no kind "${kind}" in "${apiVersion}"; ${when}`);
}

export function endingObject(): Finding {
  return notApplied('warning', 'the API is still deleting an object of this name; it is applied after that');
}

export function unwritableNumber(field: string): Finding {
  return { ...notApplied('error', 'a number that JSON can write is wanted'), field };
}

export function keptEdit(field: string, { manager, path }: FieldConflict): Finding {
  const who = manager === '' ? 'somebody' : `"${manager}"`;
  const where = field === '' ? ` (${path})` : '';
  const message = `${who} changed it in the API${where}; that value stays until the object changes in the file`;
  return { severity: 'warning', code: 'EditKept', field, message: cut(message), lastGoodServes: false };
}

/** What the API says against an object; `lastGoodServes`: it holds an earlier version of it. */
export function refusedObject(status: number, value: unknown, lastGoodServes: boolean): readonly Finding[] {
  const details = isJsonObject(value) ? value['details'] : undefined;
  const causes = listOf(details, 'causes').filter((cause) => textOf(cause, 'message') !== '');
  if (status === 422 && causes.length > 0) {
    return causes.slice(0, maxFindings).map((cause) => {
      const field = textOf(cause, 'field');
      return {
        ...notApplied('error', textOf(cause, 'message')),
        // `<nil>`: the object as a whole.
        field: field.startsWith('<') ? '' : field,
        lastGoodServes,
      };
    });
  }
  const message = textOf(value, 'message');
  const words = message === '' ? `it answered ${status}` : message;
  return [{ ...notApplied('error', `the API refuses it: ${words}`), lastGoodServes }];
}

function cut(message: string): string {
  if (message.length <= maxMessageChars) return message;
  return `${message.slice(0, maxMessageChars / 2)}…${message.slice(-maxMessageChars / 2)}`;
}
