// The door of custom/: CustomResourceDefinitions, and the resources that they make.
export { customResourceDefinitionResource } from './definition/definition-resource.ts';
export { customResourceDefinitionStrategy } from './definition/definition-strategy.ts';
export { definitionStorage } from './definition/definition-types.ts';
export { CustomResources, type CustomResourcesOptions } from './objects/custom-resources.ts';
