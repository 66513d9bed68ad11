// Our own annotations on Services: what concerns all routes to a Service, whatever Ingress they are of. Read by what
// service-annotation-list.ts declares.
import {
  defaultUpstreamSettings,
  type ObjectRef,
  type Problem,
  type UpstreamSettings,
} from '../model/index.ts';
import { findNearestWord } from '../std/nearest-word.ts';
import type { Service } from '../kube/index.ts';
import { annotationField } from './annotations.ts';
import { quoteValue } from './problems.ts';
import { type ServiceAnnotation, serviceAnnotations } from './service-annotation-list.ts';
import { entriesOf, textOf } from './shape.ts';

const prefix = 'sallyport.dev/';

const byName = new Map(serviceAnnotations.map((annotation) => [`${prefix}${annotation.name}`, annotation]));

export interface ServiceSettings {
  /** Null: all is ordinary. */
  readonly settings: UpstreamSettings | null;
  readonly problems: readonly Problem[];
}

const ordinary: ServiceSettings = { settings: null, problems: [] };

export function readServiceSettings(service: Service | undefined): ServiceSettings {
  const entries = entriesOf(service?.metadata.annotations).filter(([name]) => name.startsWith(prefix));
  if (service === undefined || entries.length === 0) return ordinary;
  const namespace = textOf(service.metadata.namespace);
  const object: ObjectRef = { kind: 'Service', namespace, name: service.metadata.name };
  const problems: Problem[] = [];
  let settings: UpstreamSettings | null = null;
  for (const [name, text] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const annotation = byName.get(name);
    const next: UpstreamSettings | null =
      annotation?.apply(settings ?? defaultUpstreamSettings, text) ?? null;
    if (next === null) problems.push(problemOf(name, text, annotation, object));
    else settings = next;
  }
  return { settings, problems };
}

function problemOf(
  name: string,
  text: string,
  annotation: ServiceAnnotation | undefined,
  object: ObjectRef,
): Problem {
  const field = annotationField(name);
  if (annotation === undefined) {
    const similar = findNearestWord(name, byName.keys(), () => 2);
    const hint = similar === null ? '' : `; did you mean "${similar}"`;
    const message = `annotation ${quoteValue(name)} is not known and has no effect${hint}`;
    return { code: 'AnnotationUnknown', severity: 'warning', object, field, message };
  }
  const wanted = annotation.valueText.replaceAll('`', '"');
  const message = `annotation "${name}" is ${quoteValue(text)}, wanted ${wanted}; it has no effect`;
  return { code: 'AnnotationInvalid', severity: 'warning', object, field, message };
}
