// The door of config/: flags and file to Config.
export { UsageError, readCommandLine, resolveFlags } from './command-line.ts';
export type { CommandLine, WrittenFlag, WrittenFlags } from './command-line.ts';
export { buildConfig, buildTranslateSettings, parseUpConfig, readSurroundings } from './config.ts';
export type { Config, LogSettings, Surroundings, TranslateSettings } from './config.ts';
export type { FlagSpec, FlagTable, FlagValues, ServiceName } from './flag-spec.ts';
export { renderFlagsHelp, renderFlagsReference } from './render-flags.ts';
export { flagTable } from './settings.ts';
export type { UpFlags } from './settings.ts';
export { renderSuggestion } from './suggest.ts';
