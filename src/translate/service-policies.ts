// What a Service and its slices say besides addresses: whether clients stay, what cookies are sealed with, weights. Read from fields
// of the Kubernetes API and from our own annotations on these objects.
import type { EndpointSlice, Service } from '../kube/index.ts';
import type { ObjectRef, Problem, Upstream } from '../model/index.ts';
import { annotationField } from './annotations.ts';
import { quoteValue } from './problems.ts';
import { readServiceSettings } from './service-annotations.ts';
import { entriesOf, textOf } from './shape.ts';

/** On an EndpointSlice: the part of the requests that each of its endpoints gets, compared with those of other slices. */
export const weightAnnotation = 'sallyport.dev/endpoint-weight';
const maxWeight = 256;

export type ServicePolicies = Pick<Upstream, 'hashesClients' | 'seal' | 'settings'>;

/** Members that are ordinary are absent. */
export function readServicePolicies(service: Service | undefined): ServicePolicies {
  const seal = textOf(service?.metadata.uid);
  const { settings } = readServiceSettings(service);
  return {
    ...(service?.spec?.sessionAffinity === 'ClientIP' && { hashesClients: true }),
    ...(seal !== '' && { seal }),
    ...(settings !== null && { settings }),
  };
}

/** 1 unless the slice says otherwise. */
export function weightOfSlice(slice: EndpointSlice): number {
  const text = weightText(slice);
  return text === undefined ? 1 : (parseWeight(text) ?? 1);
}

/** What is wrong with the annotations of a slice. */
export function checkSliceAnnotations(slice: EndpointSlice): Problem[] {
  const text = weightText(slice);
  if (text === undefined || parseWeight(text) !== null) return [];
  const object: ObjectRef = {
    kind: slice.kind,
    namespace: textOf(slice.metadata.namespace),
    name: slice.metadata.name,
  };
  const message = `annotation "${weightAnnotation}" is ${quoteValue(text)}, wanted a whole number from 1 to ${maxWeight}; the weight is 1`;
  return [
    {
      code: 'AnnotationInvalid',
      severity: 'warning',
      object,
      field: annotationField(weightAnnotation),
      message,
    },
  ];
}

function weightText(slice: EndpointSlice): string | undefined {
  return entriesOf(slice.metadata.annotations).find(([name]) => name === weightAnnotation)?.[1];
}

function parseWeight(text: string): number | null {
  const value = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= maxWeight ? value : null;
}
