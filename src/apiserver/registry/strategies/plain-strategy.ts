// Kinds that are stored for others to read: their metadata is checked, and what they may not set is wiped.
import {
  checkPathSegment,
  checkSubdomain,
  nameCheck,
  validateObjectMeta,
  validateObjectMetaUpdate,
  type MetadataRules,
  type ObjectMeta,
} from '../../../kube/index.ts';
import type { Strategy } from '../resource.ts';
import { changesSpec, strategyOf, type TypedStrategy } from './typed-strategy.ts';

interface PlainObject {
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
}

export interface PlainTraits
  extends Pick<
    TypedStrategy<PlainObject>,
    'allowsCreateOnUpdate' | 'allowsUnconditionalUpdate' | 'emptyStatus' | 'countsGeneration'
  > {
  readonly namespaced: boolean;
  /** Whether the generation counts changes of the spec. */
  readonly hasGeneration?: boolean;
  /** Names need only fit into a path, instead of being DNS subdomains. */
  readonly hasFreeName?: boolean;
}

/** A strategy without rules of its own. */
export function plainStrategy(traits: PlainTraits): Strategy {
  const { namespaced, hasGeneration = false, hasFreeName = false, ...behaviour } = traits;
  const checkName = nameCheck(hasFreeName ? checkPathSegment : checkSubdomain);
  const rules: MetadataRules = { namespaced, checkName };
  return strategyOf<PlainObject>({
    ...(hasGeneration ? { countsGeneration: changesSpec } : {}),
    ...behaviour,
    validateCreate: (object) => validateObjectMeta(object.metadata, rules),
    validateUpdate: (next, old) => [
      ...validateObjectMetaUpdate(next.metadata, old.metadata),
      ...validateObjectMeta(next.metadata, rules),
    ],
  });
}
