// Nothing is written into a namespace that is not there, and nothing new into one that is being removed (apiserver
// pkg/admission/plugin/namespace/lifecycle). That some namespaces may not be deleted is part of their strategy.
import { readText } from '../registry/read-value.ts';
import { type ApiError, forbidden, notFound } from '../api-error.ts';
import type { Admission, AdmissionRequest } from '../registry/resource.ts';

/** @throws {ApiError} 404 or 403 */
export const namespaceLifecycle: Admission = (request) => {
  const { resource, namespace, object, old, context } = request;
  if (!resource.namespaced || namespace === '') return object;
  const found = context.store.get({ resource: 'core/namespaces', namespace: '', name: namespace });
  if (found === null) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (old === null && readText(found, 'status', 'phase') === 'Terminating') {
    throw terminatingError(request);
  }
  return object;
};

function terminatingError({ resource, group, namespace, object }: AdmissionRequest): ApiError {
  const { name, generateName = '' } = object.metadata;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  return forbidden({ group, plural: resource.plural }, name || generateName || 'Unknown', why, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}
