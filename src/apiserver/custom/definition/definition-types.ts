// apiextensions.k8s.io/v1 CustomResourceDefinition as its decoder gives it: what the API always prints is always there.
import { decodeStructure } from '../../../kube/index.ts';
import type { ApiObject } from '../../api-object.ts';
import type { JsonObject } from '../schema/json-value.ts';
import { definitionSchema } from './definition-schema.ts';

export const definitionGroup = 'apiextensions.k8s.io';
export const definitionStorage = 'apiextensions.k8s.io/customresourcedefinitions';
/** Keeps a definition until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export interface DefinitionNames {
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly kind: string;
  readonly listKind?: string;
  readonly categories?: readonly string[];
}

export interface DefinitionColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

export interface DefinitionScale {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

export interface DefinitionSubresources {
  readonly status?: JsonObject;
  readonly scale?: DefinitionScale;
}

export interface DefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: { readonly openAPIV3Schema?: JsonObject };
  readonly subresources?: DefinitionSubresources;
  readonly additionalPrinterColumns?: readonly DefinitionColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

export interface DefinitionWebhook {
  readonly clientConfig?: {
    readonly url?: string;
    readonly service?: { readonly namespace: string; readonly name: string };
    readonly caBundle?: string;
  };
  readonly conversionReviewVersions: readonly string[];
}

export interface DefinitionSpec {
  readonly group: string;
  readonly names: DefinitionNames;
  readonly scope: string;
  readonly versions: readonly DefinitionVersion[];
  readonly conversion?: { readonly strategy: string; readonly webhook?: DefinitionWebhook };
  readonly preserveUnknownFields?: boolean;
}

export interface DefinitionCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface DefinitionStatus {
  readonly conditions: readonly DefinitionCondition[];
  readonly acceptedNames: DefinitionNames;
  readonly storedVersions: readonly string[];
}

export interface Definition extends ApiObject {
  readonly spec: DefinitionSpec;
  readonly status: DefinitionStatus;
}

/** A stored or decoded object as a definition, whatever it lacks. */
export function definitionOf(object: ApiObject): Definition {
  // The schema of the kind and the types above describe one thing; `decodeStructure` fills in what is always there.
  return decodeStructure(object, definitionSchema).value as unknown as Definition;
}

export function hasCondition(definition: Definition, type: string): boolean {
  return definition.status.conditions.some(
    (condition) => condition.type === type && condition.status === 'True',
  );
}

export function isNamespaced(definition: Definition): boolean {
  return definition.spec.scope === 'Namespaced';
}
