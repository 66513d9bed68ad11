// The door of table/: lookups for traffic, and the slow readings of a table for people and tests.
export { emptyTable } from '../model/index.ts';
export * from './apply-patch.ts';
export * from './diff.ts';
export * from './explain.ts';
export { certificateCovers, findHost, isIpLiteral, isMisdirected, resolveTls } from './find-host.ts';
export { HostIndex, noRank, tooCostlyRank, tooCostlyRoute } from './host-index.ts';
export { printTable, type PrintOptions } from './print.ts';
export { renderExplanation } from './render-explanation.ts';
