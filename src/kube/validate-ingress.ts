// Validation of Ingress on create, on update and of its status (networking validation.go), with the fields in the names of
// the version that the request used. Errors come in the server's order. Nothing that is referred to need exist.
import { invalidError, invalidErrors, notSupportedError, requiredError } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import type {
  HttpIngressPath,
  HttpIngressRuleValue,
  Ingress,
  IngressRule,
  IngressTls,
} from './ingress-types.ts';
import { pathTypes } from './ingress-types.ts';
import { parseIpSloppy, validateIp } from './ip-address.ts';
import { checkSubdomain, checkSubdomainName, checkWildcardSubdomain } from './names.ts';
import { validateBackend } from './validate-backend.ts';
import type { BackendRules, IngressDialect } from './validate-backend.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './validate-metadata.ts';

/** The annotation that named a class before `spec.ingressClassName`. */
export const classAnnotation = 'kubernetes.io/ingress.class';

const invalidPathSequences = ['//', '/./', '/../', '%2f', '%2F'];
const invalidPathSuffixes = ['/..', '/.'];

interface IngressRules extends BackendRules {
  readonly allowInvalidSecretName: boolean;
  readonly allowInvalidWildcardRule: boolean;
}

export interface IngressValidationOptions {
  /** The version the request used; `v1` when absent. */
  readonly dialect?: IngressDialect;
}

/** A new Ingress. Through a legacy version, secret names and the paths of wildcard hosts are not checked (up to 1.21). */
export function validateIngressCreate(
  ingress: Ingress,
  options: IngressValidationOptions = {},
): FieldError[] {
  const dialect = options.dialect ?? 'v1';
  const errors = validateIngress(ingress, {
    dialect,
    allowInvalidSecretName: dialect === 'legacy',
    allowInvalidWildcardRule: dialect === 'legacy',
  });
  const annotation = ingress.metadata.annotations?.[classAnnotation];
  const className = ingress.spec.ingressClassName;
  if (annotation !== undefined && className !== undefined && annotation !== className) {
    // The path lacks `metadata.` in the API server too.
    const detail = 'must match `ingressClassName` when both are specified';
    errors.push(invalidError(`annotations.${classAnnotation}`, annotation, detail));
  }
  return errors;
}

/** A changed Ingress. What was invalid in the stored one, from before a rule existed, stays tolerated. */
export function validateIngressUpdate(
  ingress: Ingress,
  old: Ingress,
  options: IngressValidationOptions = {},
): FieldError[] {
  const dialect = options.dialect ?? 'v1';
  return [
    ...validateObjectMetaUpdate(ingress.metadata, old.metadata),
    ...validateIngress(ingress, {
      dialect,
      allowInvalidSecretName: dialect === 'legacy' || hasInvalidSecretName(old),
      allowInvalidWildcardRule: dialect === 'legacy' || hasInvalidWildcardRule(old),
    }),
  ];
}

function validateIngress(ingress: Ingress, rules: IngressRules): FieldError[] {
  const { spec } = ingress;
  const errors = validateObjectMeta(ingress.metadata, { namespaced: true, checkName: checkSubdomainName });
  const backendName = rules.dialect === 'legacy' ? 'backend' : 'defaultBackend';
  if ((spec.rules ?? []).length === 0 && spec.defaultBackend === undefined) {
    const detail = `either \`${backendName}\` or \`rules\` must be specified`;
    errors.push(invalidError('spec', spec.rules ?? null, detail));
  }
  if (spec.defaultBackend !== undefined) {
    errors.push(...validateBackend(`spec.${backendName}`, spec.defaultBackend, rules));
  }
  for (const [index, rule] of (spec.rules ?? []).entries()) {
    errors.push(...validateRule(`spec.rules[${index}]`, rule, rules));
  }
  for (const [index, tls] of (spec.tls ?? []).entries()) {
    errors.push(...validateTls(`spec.tls[${index}]`, tls, rules));
  }
  const className = spec.ingressClassName;
  if (className !== undefined) {
    errors.push(...invalidErrors('spec.ingressClassName', className, checkSubdomain(className)));
  }
  return errors;
}

function validateRule(field: string, rule: IngressRule, rules: IngressRules): FieldError[] {
  const host = rule.host ?? '';
  const errors: FieldError[] = [];
  const isWildcard = host.includes('*');
  if (host !== '') {
    if (parseIpSloppy(host) !== null) {
      errors.push(invalidError(`${field}.host`, host, 'must be a DNS name, not an IP address'));
    }
    errors.push(...validateHost(`${field}.host`, host));
  }
  if (rule.http !== undefined && !(isWildcard && rules.allowInvalidWildcardRule)) {
    errors.push(...validateHttp(`${field}.http`, rule.http, rules));
  }
  return errors;
}

function validateHost(field: string, host: string): FieldError[] {
  const messages = host.includes('*') ? checkWildcardSubdomain(host) : checkSubdomain(host);
  return invalidErrors(field, host, messages);
}

function validateHttp(field: string, http: HttpIngressRuleValue, rules: BackendRules): FieldError[] {
  if (http.paths.length === 0) return [requiredError(`${field}.paths`)];
  return http.paths.flatMap((path, index) => validatePath(`${field}.paths[${index}]`, path, rules));
}

function validatePath(field: string, path: HttpIngressPath, rules: BackendRules): FieldError[] {
  const pathType: string | undefined = path.pathType;
  if (pathType === undefined) {
    return [requiredError(`${field}.pathType`, 'pathType must be specified')];
  }
  const errors =
    pathType === 'Exact' || pathType === 'Prefix' || pathType === 'ImplementationSpecific'
      ? validatePathText(`${field}.path`, path.path ?? '', pathType === 'ImplementationSpecific')
      : [notSupportedError(`${field}.pathType`, pathType, pathTypes)];
  return [...errors, ...validateBackend(`${field}.backend`, path.backend, rules)];
}

function validatePathText(field: string, path: string, isImplementationSpecific: boolean): FieldError[] {
  const messages: string[] = [];
  if (!path.startsWith('/') && !(isImplementationSpecific && path === '')) {
    messages.push('must be an absolute path');
  }
  if (!isImplementationSpecific) {
    for (const sequence of invalidPathSequences) {
      if (path.includes(sequence)) messages.push(`must not contain '${sequence}'`);
    }
    for (const suffix of invalidPathSuffixes) {
      if (path.endsWith(suffix)) messages.push(`cannot end with '${suffix}'`);
    }
  }
  return invalidErrors(field, path, messages);
}

function validateTls(field: string, tls: IngressTls, rules: IngressRules): FieldError[] {
  const errors = (tls.hosts ?? []).flatMap((host, index) => validateHost(`${field}.hosts[${index}]`, host));
  const secretName = tls.secretName ?? '';
  if (secretName !== '' && !rules.allowInvalidSecretName) {
    errors.push(...invalidErrors(`${field}.secretName`, secretName, checkSubdomain(secretName)));
  }
  return errors;
}

function hasInvalidSecretName(ingress: Ingress): boolean {
  const names = (ingress.spec.tls ?? []).map((tls) => tls.secretName ?? '');
  return names.some((name) => name !== '' && checkSubdomain(name).length > 0);
}

function hasInvalidWildcardRule(ingress: Ingress): boolean {
  const strict: BackendRules = { dialect: 'v1' };
  return (ingress.spec.rules ?? []).some(
    (rule) =>
      (rule.host ?? '').includes('*') &&
      rule.http !== undefined &&
      validateHttp('', rule.http, strict).length > 0,
  );
}

/** The `status` subresource: addresses are checked, ports are not. */
export function validateIngressStatusUpdate(ingress: Ingress, old: Ingress): FieldError[] {
  const errors = validateObjectMetaUpdate(ingress.metadata, old.metadata);
  const known = (old.status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip);
  for (const [index, entry] of (ingress.status?.loadBalancer?.ingress ?? []).entries()) {
    const field = `status.loadBalancer.ingress[${index}]`;
    const { ip = '', hostname = '' } = entry;
    if (ip !== '') errors.push(...validateIp(`${field}.ip`, ip, known));
    if (hostname === '') continue;
    errors.push(...invalidErrors(`${field}.hostname`, hostname, checkSubdomain(hostname)));
    if (parseIpSloppy(hostname) !== null) {
      errors.push(invalidError(`${field}.hostname`, hostname, 'must be a DNS name, not an IP address'));
    }
  }
  return errors;
}

/** Warnings on create (networking ingress strategy, WarningsOnCreate). */
export function ingressCreateWarnings(ingress: Ingress): string[] {
  const isAnnotated = ingress.metadata.annotations?.[classAnnotation] !== undefined;
  if (!isAnnotated || ingress.spec.ingressClassName !== undefined) return [];
  return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`];
}
