// The door of service/: how a Service behaves when it is written.
export { fillFamilies } from './address-families.ts';
export { allocateService, defaultServiceRanges, type ServiceRanges } from './allocate-service.ts';
export { serviceStrategy } from './service-strategy.ts';
export { renderAddress } from './used-values.ts';
