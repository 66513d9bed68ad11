// The schemas of the kinds that kube/ decodes, by the names that its rows use; all schemas are found through `schemas/index.ts`.
export { configMapSchema, namespaceSchema, secretSchema } from './schemas/core.ts';
export { endpointSliceSchema, endpointsSchema } from './schemas/endpoints.ts';
export {
  ingressClassLegacySchema,
  ingressClassV1Schema,
  ingressLegacySchema,
  ingressV1Schema,
} from './schemas/ingress.ts';
export { unknownObjectSchema } from './schemas/meta.ts';
export { serviceSchema } from './schemas/service.ts';
