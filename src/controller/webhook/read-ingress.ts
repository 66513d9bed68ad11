// The Ingress in an AdmissionReview: from what came as JSON to the typed object, and what it breaks of the API's own rules.
import {
  byteLength,
  decodeStructure,
  type FieldError,
  type Ingress,
  isJsonObject,
  lookupKind,
  type ObjectMeta,
  renderFieldError,
  validateIngressCreate,
  validateIngressUpdate,
} from '../../kube/index.ts';
import { notIn } from './not-in.ts';

const apiVersion = 'networking.k8s.io/v1';
/** As the API server has it, which is not the only one that can call: reading annotations costs more than their length. */
const maxAnnotationBytes = 256 * 1024;

export type IngressResult =
  | { readonly ok: true; readonly ingress: Ingress }
  | { readonly ok: false; readonly message: string };

/** `namespace`, `name`: those of the request, for an object that does not say. */
export function readIngress(raw: unknown, namespace: string, name: string): IngressResult {
  if (!isJsonObject(raw)) return { ok: false, message: 'the request has no object, wanted an Ingress' };
  if (raw['kind'] !== 'Ingress' || raw['apiVersion'] !== apiVersion)
    return { ok: false, message: `the object of the request is no Ingress of "${apiVersion}"` };
  const row = lookupKind(apiVersion, 'Ingress');
  if (row === undefined) throw new Error(`there is no schema for Ingress in ${apiVersion}`);
  const { metadata = {} } = raw;
  // Who owns which field takes most of an object's memory, and nobody asks.
  const lean = isJsonObject(metadata) ? { name, namespace, ...metadata, managedFields: undefined } : metadata;
  const whole = { ...raw, metadata: lean };
  const { value, typeErrors } = decodeStructure(whole, row.schema);
  const [first] = typeErrors;
  if (first !== undefined) return { ok: false, message: first };
  const { annotations } = value['metadata'] as ObjectMeta; // The schema has it so.
  if (sizeOf(annotations) > maxAnnotationBytes)
    return { ok: false, message: `the annotations are longer than ${maxAnnotationBytes} bytes together` };
  // The schema describes the type, as the controller's own reading takes it too.
  return { ok: true, ingress: value as unknown as Ingress };
}

function sizeOf(annotations: ObjectMeta['annotations']): number {
  let bytes = 0;
  for (const [key, text] of Object.entries(annotations ?? {})) bytes += byteLength(key) + byteLength(text);
  return bytes;
}

/** What the change breaks and the old version did not: an object from before a rule can still be labelled. */
export function findBrokenRules(ingress: Ingress, old: Ingress | null): readonly FieldError[] {
  if (old === null) return validateIngressCreate(ingress);
  const errors = validateIngressUpdate(ingress, old);
  return errors.length === 0 ? errors : notIn(errors, validateIngressUpdate(old, old), renderFieldError);
}
