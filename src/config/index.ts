// The door of config/: flags and file to Config.
export type { AcmeSettings } from './acme-settings.ts';
export { UsageError, readCommandLine, resolveFlags } from './command-line.ts';
export type { CommandLine, WrittenFlag, WrittenFlags } from './command-line.ts';
export {
  buildConfig,
  buildTranslateSettings,
  defaultDataDir,
  parseUpConfig,
  readSurroundings,
} from './config.ts';
export type { Config, LogSettings, StatusSettings, Surroundings, TranslateSettings } from './config.ts';
export { parseControllerConfig } from './controller-config.ts';
export type {
  ClusterSettings,
  ControllerConfig,
  ElectionSettings,
  WatchScope,
  WebhookSettings,
} from './controller-config.ts';
export { controllerFlagTable, ineffectiveFlags } from './controller-settings.ts';
export type { FlagSpec, FlagTable, FlagValues, ServiceName } from './flag-spec.ts';
export {
  renderCommandFlagsReference,
  renderControllerFlagsReference,
  renderFlagsHelp,
  renderFlagsReference,
} from './render-flags.ts';
export { debugPrefix, flagTable } from './settings.ts';
export type { UpFlags } from './settings.ts';
export { renderSuggestion } from './suggest.ts';
