// Validation of IngressClass on create and on update (networking validation.go).
import {
  forbiddenError,
  invalidError,
  invalidErrors,
  notSupportedError,
  requiredError,
  tooLongError,
} from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { byteLength } from './go-text.ts';
import type { IngressClass, IngressClassParameters } from './ingress-types.ts';
import { checkHttpPath, checkNamespaceName, checkSubdomain, checkSubdomainName } from './names.ts';
import { validateObjectReference } from './validate-backend.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from './validate-metadata.ts';

const maxControllerBytes = 250;

/** A new IngressClass, defaulted. */
export function validateIngressClassCreate(ingressClass: IngressClass): FieldError[] {
  const { controller, parameters } = ingressClass.spec;
  return [
    ...validateObjectMeta(ingressClass.metadata, { namespaced: false, checkName: checkSubdomainName }),
    ...validateController('spec.controller', controller),
    ...(parameters === undefined ? [] : validateParameters('spec.parameters', parameters)),
  ];
}

/** A changed IngressClass: only the controller is immutable. */
export function validateIngressClassUpdate(ingressClass: IngressClass, old: IngressClass): FieldError[] {
  return [
    ...validateObjectMetaUpdate(ingressClass.metadata, old.metadata),
    ...validateImmutable('spec.controller', ingressClass.spec.controller, old.spec.controller),
    ...validateIngressClassCreate(ingressClass),
  ];
}

function validateController(field: string, controller: string): FieldError[] {
  if (controller === '') return [requiredError(field)];
  const errors = byteLength(controller) > maxControllerBytes ? [tooLongError(field, maxControllerBytes)] : [];
  const slash = controller.indexOf('/');
  const domain = controller.slice(0, Math.max(slash, 0));
  const path = controller.slice(slash + 1);
  if (domain === '' || path === '') {
    const detail = 'must be a domain-prefixed path (such as "acme.io/foo")';
    return [...errors, invalidError(field, controller, detail)];
  }
  return [
    ...errors,
    ...invalidErrors(field, domain, checkSubdomain(domain)),
    ...invalidErrors(field, path, checkHttpPath(path)),
  ];
}

function validateParameters(field: string, parameters: IngressClassParameters): FieldError[] {
  const errors = validateObjectReference(field, parameters);
  const scope: string | undefined = parameters.scope;
  const { namespace } = parameters;
  if (scope === undefined) return [...errors, requiredError(`${field}.scope`)];
  if (scope !== 'Cluster' && scope !== 'Namespace') {
    return [...errors, notSupportedError(`${field}.scope`, scope, ['Cluster', 'Namespace'])];
  }
  if (scope === 'Cluster') {
    if (namespace === undefined) return errors;
    return [...errors, forbiddenError(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'")];
  }
  if (namespace === undefined) {
    return [...errors, requiredError(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'")];
  }
  return [...errors, ...invalidErrors(`${field}.namespace`, namespace, checkNamespaceName(namespace, false))];
}
