// The door of kube/: object types, validation, defaulting and conversion of the Kubernetes API. Pure values.
export * from './types.ts';
export * from './legacy-types.ts';

export {
  decodeObject,
  expandLists,
  renderDecodeFailure,
  type DecodeOptions,
  type DecodeResult,
} from './decode.ts';
export { decodeStructure, isJsonObject, type StructureResult } from './decode-structure.ts';
export { findDuplicateFields } from './duplicate-fields.ts';
export * from './field-error.ts';
export { byteLength, goJson, goQuote } from './go-text.ts';
export { invalidStatus, renderFieldErrors, type InvalidStatus, type StatusCause } from './status.ts';
export { groupOf, isKnownKind, kindVersions, lookupKind, type KindVersion } from './kinds.ts';
export {
  cleanTimestamp,
  effectiveConditions,
  lookupText,
  serviceNameLabel,
  serviceOfSlice,
  type EffectiveConditions,
} from './readings.ts';
export type { ListMerge, ListSchema, Member, ScalarShape, Schema, StructSchema } from './schema.ts';
export { kindSchemas, schemaOf, type KindSchema } from './schemas/index.ts';
export {
  embeddedMeta,
  kindOf,
  listKindOf,
  listMeta,
  objectMeta,
  unknownObjectSchema,
} from './schemas/meta.ts';
export {
  matchesLabels,
  parseLabelSelector,
  renderLabelSelector,
  type LabelOperator,
  type LabelRequirement,
  type LabelSelector,
  type LabelSelectorResult,
} from './label-selector.ts';
export {
  decodeKubeProtobuf,
  encodeKubeProtobuf,
  protobufMediaType,
  type DecodedProtobuf,
  type ExpectedType,
  type SchemaLookup,
} from './protobuf/envelope.ts';
export { ProtobufError } from './protobuf/protobuf-error.ts';
export { isLoopbackAddress, parseIpSloppy } from './ip-address.ts';
export * from './names.ts';

export {
  deprecationWarning,
  ingressClassFromLegacy,
  ingressClassToLegacy,
  ingressFromLegacy,
  ingressToLegacy,
} from './convert.ts';
export * from './defaults.ts';

export {
  keepServerMetadata,
  validateObjectMeta,
  validateObjectMetaUpdate,
  type MetadataRules,
} from './validate-metadata.ts';
export type { IngressDialect } from './validate-backend.ts';
export {
  classAnnotation,
  ingressCreateWarnings,
  validateIngressCreate,
  validateIngressStatusUpdate,
  validateIngressUpdate,
  type IngressValidationOptions,
} from './validate-ingress.ts';
export { validateIngressClassCreate, validateIngressClassUpdate } from './validate-ingress-class.ts';
export { isHeadless, validateServiceCreate } from './validate-service.ts';
export { validateClusterIps } from './validate-cluster-ips.ts';
export { validateServiceUpdate } from './validate-service-update.ts';
export {
  validateEndpointsCreate,
  validateEndpointSliceCreate,
  validateEndpointSliceUpdate,
  validateEndpointsUpdate,
  type EndpointValidationOptions,
} from './validate-endpoint-slice.ts';
export {
  validateConfigMapCreate,
  validateConfigMapUpdate,
  validateNamespaceCreate,
  validateNamespaceUpdate,
  validateSecretCreate,
  validateSecretUpdate,
} from './validate-secret.ts';

export * from './event-types.ts';
export * from './lease-types.ts';
export * from './rbac-types.ts';
export * from './workload-types.ts';
export { eventFromEvents, eventToEvents } from './convert-event.ts';
export { validateEventCreate, validateEventUpdate, type EventDialect } from './validate-event.ts';
export { validateLeaseCreate, validateLeaseUpdate } from './validate-lease.ts';
export {
  defaultBinding,
  validateBindingCreate,
  validateBindingUpdate,
  validateRoleCreate,
  validateRoleUpdate,
} from './validate-rbac.ts';
export {
  matchesSelector,
  validateDeploymentCreate,
  validateDeploymentUpdate,
} from './validate-deployment.ts';
export {
  validateNamespaceFinalizeUpdate,
  validateNamespaceStatusUpdate,
  validateServiceStatusUpdate,
} from './validate-subresources.ts';
export { serviceWarnings } from './service-warnings.ts';
