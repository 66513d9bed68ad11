// trailing-slash: requests for a path that a rule has with a slash at its end are sent there. No annotation asks for it: the quirk
// `trailing-slash-redirect` makes routes with this policy.
import type { Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';

export const trailingSlashName = 'trailing-slash';

/** What a route says that has it. */
export const trailingSlashPolicy: Readonly<Record<string, unknown>> = {
  [trailingSlashName]: { status: 301 },
};

export const trailingSlash: Feature = defineFeature<{ readonly status: number }>({
  name: trailingSlashName,
  doc: 'Redirects to the path with a slash at its end, where a [quirk](quirks.md) makes a rule say so.',
  keys: [],
  after: [],
  compile: () => null,
  prepare: ({ status }) => ({
    admit: ({ scheme, host, path, query }) => ({
      status,
      reason: 'trailing-slash-redirect',
      location: `${host === '' ? '' : `${scheme}://${host}`}${path}/${query}`,
    }),
  }),
  describe: () => 'redirect to the path with a slash',
});
