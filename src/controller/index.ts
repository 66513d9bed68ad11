// The door of controller/: from reported objects to published patches.
export { AcmeAgent, type AcmeOptions, challengeSecretOf } from './acme/index.ts';
export {
  Controller,
  type ControllerCounts,
  type ControllerOptions,
  type ControllerStep,
  type ControllerView,
} from './controller.ts';
export type { TableTranslator } from './table-translator.ts';
export { ReplicaCount } from './replica-count.ts';
export type { ControllerLog } from './problem-log.ts';
export {
  compareReports,
  type Locate,
  type Report,
  renderReport,
  reportOfFailure,
  reportOfProblem,
} from './report.ts';
export { EventRecorder, EventWriter, type EventCounts } from './events/index.ts';
export { LeaderElector } from './lease/index.ts';
export {
  fixedAddresses,
  hasOtherReplicas,
  NodeAddresses,
  serviceAddresses,
  StatusWriter,
  type AddressSource,
  type PodIdentity,
  type StatusCounts,
} from './status/index.ts';
export { WebhookServer, type WebhookCounts, type WebhookServerOptions } from './webhook/index.ts';
