// Columns of who may do what: RoleBinding, ClusterRoleBinding, and of webhooks that are asked.
import { readList, readText } from '../registry/read-value.ts';
import type { TablePrinter } from '../registry/resource.ts';
import { ageColumn, ageOf, column, nameColumn, wideColumn } from './columns.ts';

/** RoleBinding and ClusterRoleBinding. */
export const bindingPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Role', 'The role that is granted.'),
    ageColumn,
    wideColumn('Users', 'Users that it is granted to.'),
    wideColumn('Groups', 'Groups that it is granted to.'),
    wideColumn('ServiceAccounts', 'Service accounts that it is granted to.'),
  ],
  cells: (binding, nowMs) => {
    const subjects = readList(binding, 'subjects');
    const namesOf = (kind: string): string =>
      subjects
        .filter((subject) => readText(subject, 'kind') === kind)
        .map((subject) => {
          const name = readText(subject, 'name');
          return kind === 'ServiceAccount' ? `${readText(subject, 'namespace')}/${name}` : name;
        })
        .join(', ');
    return [
      binding.metadata.name,
      `${readText(binding, 'roleRef', 'kind')}/${readText(binding, 'roleRef', 'name')}`,
      ageOf(binding, nowMs),
      namesOf('User'),
      namesOf('Group'),
      namesOf('ServiceAccount'),
    ];
  },
};

export const webhookConfigurationPrinter: TablePrinter = {
  columns: [nameColumn, column('Webhooks', 'Number of webhooks.', 'integer'), ageColumn],
  cells: (configuration, nowMs) => [
    configuration.metadata.name,
    readList(configuration, 'webhooks').length,
    ageOf(configuration, nowMs),
  ],
};
