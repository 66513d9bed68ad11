// rewrite: another path for the upstream than the client asked for, and regular expressions as paths.
import type { Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { prepareRewrite } from './hooks.ts';
import { forwardedPrefixKey, rewriteTargetKey, useRegexKey } from './keys.ts';
import type { RewritePolicy } from './policy.ts';
import { compileRewrite, describeRewrite } from './policy.ts';

export const rewrite: Feature = defineFeature<RewritePolicy>({
  name: 'rewrite',
  doc: 'Sends another path to the upstream than the one that was asked for, made from a template and the captures of the path.',
  keys: [rewriteTargetKey, useRegexKey, forwardedPrefixKey],
  after: ['redirect'],
  compile: compileRewrite,
  prepare: prepareRewrite,
  describe: describeRewrite,
});
