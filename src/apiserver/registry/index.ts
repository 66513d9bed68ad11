// The door of registry/: the resources that are served, how they behave, and what happens to them by itself.
export { createRegistry, type CustomRegistry, type RegistryOptions } from './create-registry.ts';
export { isEqualValue } from './equal-values.ts';
export { EventExpiry, type EventExpiryOptions } from './event-expiry.ts';
export { NamespaceSweeper, type NamespaceSweeperOptions } from './namespace-sweeper.ts';
export * from './resource.ts';
export { resourceOf, versionOf, type Row } from './rows/row.ts';
export { seedObjects, type SeedOptions } from './seed-objects.ts';
export { startUnrefTimer, type StartTimer } from './start-timer.ts';
export { plainStrategy, type PlainTraits } from './strategies/plain-strategy.ts';
export { defaultServiceRanges, type ServiceRanges } from './strategies/service/index.ts';
export { strategyOf, type TypedStrategy } from './strategies/typed-strategy.ts';
