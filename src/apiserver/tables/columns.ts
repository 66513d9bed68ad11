// Columns that many tables share, and the cells that go with them.
import type { ApiObject } from '../api-object.ts';
import type { TableColumn } from '../registry/resource.ts';
import { renderSince } from './age.ts';

/** A column of texts that is always shown. */
export function column(name: string, description: string, type: TableColumn['type'] = 'string'): TableColumn {
  return { name, type, format: '', description, priority: 0 };
}

/** A column of texts for `-o wide`. */
export function wideColumn(name: string, description: string): TableColumn {
  return { ...column(name, description), priority: 1 };
}

export const nameColumn: TableColumn = {
  ...column('Name', 'Name of the object, unique among the objects of its kind in its namespace.'),
  format: 'name',
};

export const ageColumn: TableColumn = column('Age', 'Time since the object was created.');

/** The age of an object. */
export function ageOf(object: ApiObject, nowMs: number): string {
  return renderSince(object.metadata.creationTimestamp ?? '', nowMs);
}

export const containerColumns: readonly TableColumn[] = [
  wideColumn('Containers', 'Names of the containers of a pod.'),
  wideColumn('Images', 'Images of the containers of a pod.'),
  wideColumn('Selector', 'Labels by which pods are recognised.'),
];
