// Validation of Secret, ConfigMap and Namespace on create and on update (core validation.go). Of a TLS Secret only the
// presence of its keys is checked here, as the API server does: certificate and key are judged by who uses them.
import { Buffer } from 'node:buffer';
import type { ConfigMap, Namespace, Secret } from './core-types.ts';
import { forbiddenError, invalidError, invalidErrors, requiredError, tooLongError } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { byteLength } from './go-text.ts';
import { checkConfigKey, checkNamespaceName, checkQualifiedName, checkSubdomainName } from './names.ts';
import {
  sortedEntries,
  validateImmutable,
  validateKubeFinalizer,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './validate-metadata.ts';

const maxDataBytes = 1048576;
const immutableWhenSet = 'field is immutable when `immutable` is set';

type TextMap = Readonly<Record<string, string>>;

/** A new Secret, defaulted, with stringData merged. */
export function validateSecretCreate(secret: Secret): FieldError[] {
  const errors = validateObjectMeta(secret.metadata, { namespaced: true, checkName: checkSubdomainName });
  let totalBytes = 0;
  for (const [key, value] of sortedEntries(secret.data)) {
    errors.push(...invalidErrors(`data[${key}]`, key, checkConfigKey(key)));
    totalBytes += Buffer.byteLength(value, 'base64');
  }
  if (totalBytes > maxDataBytes) errors.push(tooLongError('data', maxDataBytes));
  return [...errors, ...validateSecretType(secret)];
}

function validateSecretType(secret: Secret): FieldError[] {
  const data = secret.data ?? {};
  const missing = (...keys: readonly string[]): FieldError[] =>
    keys.filter((key) => data[key] === undefined).map((key) => requiredError(`data[${key}]`));
  switch (secret.type) {
    case 'kubernetes.io/tls':
      return missing('tls.crt', 'tls.key');
    case 'kubernetes.io/basic-auth': {
      const errors = missing('username', 'password');
      return errors.length === 2 ? errors : [];
    }
    case 'kubernetes.io/ssh-auth':
      return (data['ssh-privatekey'] ?? '') === '' ? [requiredError('data[ssh-privatekey]')] : [];
    case 'kubernetes.io/dockercfg':
      return validateDockerConfig('.dockercfg', data);
    case 'kubernetes.io/dockerconfigjson':
      return validateDockerConfig('.dockerconfigjson', data);
    case 'kubernetes.io/service-account-token': {
      const key = 'kubernetes.io/service-account.name';
      const name = secret.metadata.annotations?.[key] ?? '';
      return name === '' ? [requiredError(`metadata.annotations[${key}]`)] : [];
    }
    default:
      return [];
  }
}

function validateDockerConfig(key: string, data: TextMap): FieldError[] {
  const value = data[key];
  if (value === undefined) return [requiredError(`data[${key}]`)];
  const text = Buffer.from(value, 'base64').toString('utf8');
  const say = (detail: string): FieldError[] => [
    invalidError(`data[${key}]`, '<secret contents redacted>', detail),
  ];
  if (text.trim() === '') return say('unexpected end of JSON input');
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && !Array.isArray(parsed)) return [];
    return say('json: cannot unmarshal value into Go value of type map[string]interface {}');
  } catch {
    return say('invalid JSON');
  }
}

function isEqualMap(left: TextMap | undefined, right: TextMap | undefined): boolean {
  return JSON.stringify(sortedEntries(left)) === JSON.stringify(sortedEntries(right));
}

/** A changed Secret: its type is immutable, and all of its data once `immutable` is true. */
export function validateSecretUpdate(secret: Secret, old: Secret): FieldError[] {
  const errors = [
    ...validateObjectMetaUpdate(secret.metadata, old.metadata),
    ...validateImmutable('type', secret.type, old.type),
  ];
  if (old.immutable === true) {
    if (secret.immutable !== true) errors.push(forbiddenError('immutable', immutableWhenSet));
    if (!isEqualMap(secret.data, old.data)) errors.push(forbiddenError('data', immutableWhenSet));
  }
  return [...errors, ...validateSecretCreate(secret)];
}

/** A new ConfigMap. */
export function validateConfigMapCreate(config: ConfigMap): FieldError[] {
  const errors = validateObjectMeta(config.metadata, { namespaced: true, checkName: checkSubdomainName });
  const binaryEntries = sortedEntries(config.binaryData);
  const binaryKeys = new Set(binaryEntries.map(([key]) => key));
  let totalBytes = 0;
  for (const [key, value] of sortedEntries(config.data)) {
    errors.push(...invalidErrors(`data[${key}]`, key, checkConfigKey(key)));
    if (binaryKeys.has(key)) {
      errors.push(invalidError(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    }
    totalBytes += byteLength(value);
  }
  for (const [key, value] of binaryEntries) {
    errors.push(...invalidErrors(`binaryData[${key}]`, key, checkConfigKey(key)));
    totalBytes += Buffer.byteLength(value, 'base64');
  }
  // The brackets mean the whole object.
  return totalBytes > maxDataBytes ? [...errors, tooLongError('[]', maxDataBytes)] : errors;
}

/** A changed ConfigMap: its data may not change once `immutable` is true. */
export function validateConfigMapUpdate(config: ConfigMap, old: ConfigMap): FieldError[] {
  const errors = validateObjectMetaUpdate(config.metadata, old.metadata);
  if (old.immutable === true) {
    if (config.immutable !== true) errors.push(forbiddenError('immutable', immutableWhenSet));
    if (!isEqualMap(config.data, old.data)) errors.push(forbiddenError('data', immutableWhenSet));
    if (!isEqualMap(config.binaryData, old.binaryData)) {
      errors.push(forbiddenError('binaryData', immutableWhenSet));
    }
  }
  return [...errors, ...validateConfigMapCreate(config)];
}

/** A new Namespace. */
export function validateNamespaceCreate(namespace: Namespace): FieldError[] {
  const field = 'spec.finalizers';
  return [
    ...validateObjectMeta(namespace.metadata, { namespaced: false, checkName: checkNamespaceName }),
    ...(namespace.spec?.finalizers ?? []).flatMap((name) => [
      ...invalidErrors(field, name, checkQualifiedName(name)),
      ...validateKubeFinalizer(field, name),
    ]),
  ];
}

/** A changed Namespace: only its metadata is compared. */
export function validateNamespaceUpdate(namespace: Namespace, old: Namespace): FieldError[] {
  return validateObjectMetaUpdate(namespace.metadata, old.metadata);
}
