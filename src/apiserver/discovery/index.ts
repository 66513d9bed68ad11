// The door of discovery/: the documents that tell clients which resources are served.
export { createDiscovery, type Discovery, type DiscoveryOptions } from './discovery.ts';
