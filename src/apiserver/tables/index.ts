// The door of tables/: the columns of every kind, and objects as the Table that kubectl prints.
export { renderAge, renderSince } from './age.ts';
export { ageColumn, column, nameColumn, wideColumn } from './columns.ts';
export { bindingPrinter, webhookConfigurationPrinter } from './print-access.ts';
export {
  configMapPrinter,
  defaultPrinter,
  eventPrinter,
  leasePrinter,
  namespacePrinter,
  nodePrinter,
  secretPrinter,
  serviceAccountPrinter,
} from './print-core.ts';
export {
  endpointsPrinter,
  endpointSlicePrinter,
  ingressClassPrinter,
  ingressPrinter,
  networkPolicyPrinter,
  servicePrinter,
} from './print-networking.ts';
export { podPrinter } from './print-pod.ts';
export {
  cronJobPrinter,
  persistentVolumeClaimPrinter,
  persistentVolumePrinter,
  replicaSetPrinter,
  replicationControllerPrinter,
  statefulSetPrinter,
} from './print-stored.ts';
export {
  daemonSetPrinter,
  deploymentPrinter,
  horizontalPodAutoscalerPrinter,
  jobPrinter,
  podDisruptionBudgetPrinter,
} from './print-workload.ts';
export {
  parseIncludeObject,
  renderBookmarkTable,
  renderObjectTable,
  renderTable,
  type IncludeObject,
  type Table,
  type TableListMeta,
  type TableOptions,
  type TableRow,
} from './render-table.ts';
