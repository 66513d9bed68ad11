// What `explain` tells: a decision, and for it the objects, annotations and problems that lead there; of manifests, or of what runs.
import type { Locate, Report } from '../../controller/index.ts';
import type { KubeObject } from '../../kube/index.ts';
import type { Decision } from '../decide-request.ts';
import { findCause } from './cause.ts';
import { findLeftOut } from './left-out.ts';
import { findIngress, listOrigins } from './origins.ts';
import type { Answer } from './render.ts';

/** What the table was made of. */
export interface KnownObjects {
  readonly objects: readonly KubeObject[];
  /** Everything that is wrong. */
  readonly reports: readonly Report[];
  readonly locate: Locate;
  /** Of the annotations of ingress-nginx. */
  readonly annotationsPrefix: string;
}

/** Puts a decision together with what the objects say of the Ingress that won. */
export function tell(
  decision: Decision,
  input: KnownObjects,
  asked: Pick<Answer, 'logged' | 'served'>,
): Answer {
  const { explanation, access } = decision;
  const answer = decision.answer ?? access?.answer ?? null;
  const { namespace, ingress: name } = explanation?.route.labels ?? { namespace: '', ingress: '' };
  const ref = name === '' ? null : { kind: 'Ingress', namespace, name };
  const ruleField = explanation === null || ref === null ? '' : fieldOf(explanation.route.id);
  const ingress = ref === null ? null : findIngress(input.objects, namespace, name);
  const origins = listOrigins(ingress, input.annotationsPrefix).map((origin) => ({
    ...origin,
    location: ref === null ? null : input.locate(ref, origin.field),
  }));
  const problems =
    explanation === null
      ? []
      : input.reports.filter(({ code, object }) =>
          ref === null
            ? code === 'ClassNotServed'
            : object?.kind === 'Ingress' && object.namespace === namespace && object.name === name,
        );
  const askedBy = new Map(origins.map(({ feature, field }) => [feature, field]));
  const cause =
    answer === null
      ? null
      : findCause({
          answer,
          explanation,
          problems: ref === null ? [] : problems,
          ruleField,
          ingress: ref,
          askedBy,
        });
  const place =
    cause?.object != null && cause.location === null ? input.locate(cause.object, cause.field) : null;
  return {
    decision,
    answer,
    cause: cause === null || place === null ? cause : { ...cause, location: place },
    location: ref === null ? null : input.locate(ref, ruleField),
    origins,
    problems,
    leftOut: explanation === null ? [] : findLeftOut(input, explanation.host.pattern, ref),
    ...asked,
  };
}

/** Where in its Ingress a route is written. */
function fieldOf(routeId: string): string {
  const place = /\/rule\/(\d+)\/path\/(\d+)(?:\/slash)?$/.exec(routeId);
  return place === null ? 'spec.defaultBackend' : `spec.rules[${place[1]}].http.paths[${place[2]}]`;
}
