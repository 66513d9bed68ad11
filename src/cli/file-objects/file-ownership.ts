// Whose an object is. It is the files' if it was made from one: server-side apply keeps a list of who states which fields, and the
// files' manager is on it. No label or annotation is needed, and whoever takes over all fields of an object takes over the object.
import { isJsonObject } from '../../kube/index.ts';
import { listOf, textOf } from './api-kinds.ts';

/** The field manager of everything that is applied from files. */
export const fileManager = 'sallyport-files';

export function isMadeFromFile(object: unknown): boolean {
  const metadata = metadataOf(object);
  return listOf(metadata, 'managedFields').some(
    (entry) =>
      textOf(entry, 'manager') === fileManager &&
      textOf(entry, 'operation') === 'Apply' &&
      textOf(entry, 'subresource') === '',
  );
}

export function metadataOf(object: unknown): Readonly<Record<string, unknown>> {
  const metadata = isJsonObject(object) ? object['metadata'] : undefined;
  return isJsonObject(metadata) ? metadata : {};
}
