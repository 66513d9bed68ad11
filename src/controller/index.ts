// The door of controller/: from reported objects to published patches.
export {
  Controller,
  type ControllerCounts,
  type ControllerOptions,
  type ControllerStep,
  type ControllerView,
} from './controller.ts';
export type { TableTranslator } from './table-translator.ts';
export type { ControllerLog } from './problem-log.ts';
export {
  compareReports,
  type Locate,
  type Report,
  renderReport,
  reportOfFailure,
  reportOfProblem,
} from './report.ts';
