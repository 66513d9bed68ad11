// `spec.conversion`. Its fields are named as the API server names them, by its internal form. A webhook may be stored, but a
// definition with one is not established (definition-status.ts).
import {
  checkDns1035Label,
  type FieldError,
  forbiddenError,
  invalidError,
  notSupportedError,
  requiredError,
} from '../../../kube/index.ts';
import type { DefinitionSpec, DefinitionWebhook } from './definition-types.ts';

const strategies = ['None', 'Webhook'];
const path = 'spec.conversion';

export function validateConversion(conversion: DefinitionSpec['conversion']): FieldError[] {
  if (conversion === undefined) return [];
  const { strategy, webhook } = conversion;
  if (strategy === 'Webhook') return validateWebhook(webhook);
  const errors: FieldError[] = [];
  if (strategy === '') errors.push(requiredError(`${path}.strategy`));
  else if (!strategies.includes(strategy)) {
    errors.push(notSupportedError(`${path}.strategy`, strategy, strategies));
  }
  const detail = 'should not be set when strategy is not set to Webhook';
  if (webhook?.clientConfig !== undefined) {
    errors.push(forbiddenError(`${path}.webhookClientConfig`, detail));
  }
  if ((webhook?.conversionReviewVersions.length ?? 0) > 0) {
    errors.push(forbiddenError(`${path}.conversionReviewVersions`, detail));
  }
  return errors;
}

function validateWebhook(webhook: DefinitionWebhook | undefined): FieldError[] {
  const field = `${path}.webhookClientConfig`;
  const config = webhook?.clientConfig;
  const errors: FieldError[] = [];
  if (config === undefined) errors.push(requiredError(field, 'required when strategy is set to Webhook'));
  else if ((config.url === undefined) === (config.service === undefined)) {
    errors.push(requiredError(field, 'exactly one of url or service is required'));
  } else if (config.service !== undefined) {
    if (config.service.name === '') errors.push(requiredError(`${field}.service.name`));
    if (config.service.namespace === '') errors.push(requiredError(`${field}.service.namespace`));
  }
  return [...errors, ...validateReviewVersions(webhook?.conversionReviewVersions ?? [])];
}

function validateReviewVersions(versions: readonly string[]): FieldError[] {
  const field = `${path}.conversionReviewVersions`;
  if (versions.length === 0) return [requiredError(field)];
  const seen = new Set<string>();
  const errors = versions.flatMap((version, index): FieldError[] => {
    const at = `${field}[${index}]`;
    if (seen.has(version)) return [invalidError(at, version, 'duplicate version')];
    seen.add(version);
    return checkDns1035Label(version).map((message) => invalidError(at, version, message));
  });
  if (seen.has('v1') || seen.has('v1beta1')) return errors;
  return [...errors, invalidError(field, versions, 'must include at least one of v1, v1beta1')];
}
