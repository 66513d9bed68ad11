// Resources that answer a question and store nothing: who am I, may I. They are no rows of the registry, for they have no objects.
import type { DiscoveredResource } from './groups.ts';

interface ReviewResource {
  readonly group: string;
  readonly version: string;
  readonly resource: DiscoveredResource;
  /** One sentence for `kubectl explain`. */
  readonly doc: string;
}

function review(group: string, kind: string, doc: string, namespaced = false): ReviewResource {
  const singular = kind.toLowerCase();
  const resource = {
    name: `${singular}s`,
    singular,
    kind,
    isCustom: false,
    namespaced,
    verbs: ['create'],
    shortNames: [],
    categories: [],
    storedAs: null,
    subresources: [],
  };
  return { group, version: 'v1', resource, doc };
}

export const reviewResources: readonly ReviewResource[] = [
  review('authentication.k8s.io', 'SelfSubjectReview', 'Asks who the server takes the client for.'),
  review('authentication.k8s.io', 'TokenReview', 'Asks whose token it is.'),
  review(
    'authorization.k8s.io',
    'LocalSubjectAccessReview',
    'Asks whether a user may do something in a namespace.',
    true,
  ),
  review('authorization.k8s.io', 'SelfSubjectAccessReview', 'Asks whether the client may do something.'),
  review('authorization.k8s.io', 'SelfSubjectRulesReview', 'Asks all that the client may do in a namespace.'),
  review('authorization.k8s.io', 'SubjectAccessReview', 'Asks whether a user may do something.'),
];
