// The door of status/: the addresses in the status of Ingresses.
export {
  fixedAddresses,
  hasOtherReplicas,
  NodeAddresses,
  serviceAddresses,
  type AddressSource,
  type PodIdentity,
} from './address-source.ts';
export { StatusWriter, type StatusCounts, type StatusWriterOptions } from './status-writer.ts';
