// Shape and validation of our own kind, SallyportParameters. What the settings mean is checked where they are read.
import type { FieldError } from './field-error.ts';
import { checkSubdomainName } from './names.ts';
import type { SallyportParameters } from './parameters-types.ts';
import { unknownObjectSchema } from './schema-tables.ts';
import { always, structOf, textMap, type StructSchema } from './schema.ts';
import { validateObjectMeta } from './validate-metadata.ts';

export const sallyportParametersSchema: StructSchema = structOf('v1alpha1.SallyportParameters', {
  ...Object.fromEntries(unknownObjectSchema.members),
  spec: always(structOf('v1alpha1.SallyportParametersSpec', { settings: textMap })),
});

export function validateParametersCreate({ metadata }: SallyportParameters): FieldError[] {
  return validateObjectMeta(metadata, { namespaced: false, checkName: checkSubdomainName });
}
