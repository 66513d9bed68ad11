// Event: any of its fields may change, by anyone who may write it; the version of the request decides how strict the rules are.
import {
  isJsonObject,
  validateEventCreate,
  validateEventUpdate,
  type Event,
  type EventDialect,
} from '../../../kube/index.ts';
import type { ApiObject } from '../../api-object.ts';
import type { Strategy, WriteContext } from '../resource.ts';
import { strategyOf } from './typed-strategy.ts';

/** Times that are not set are told as null, as Go tells them. */
export function withUnsetTimes(names: readonly string[]): (event: ApiObject) => ApiObject {
  const unset = Object.fromEntries(names.map((name) => [name, null]));
  return (event) => {
    const { series } = event;
    const told = { ...unset, ...event };
    if (!isJsonObject(series)) return told;
    return { ...told, series: { ...series, lastObservedTime: series['lastObservedTime'] ?? null } };
  };
}

/** The strategy of the row of one version; both rows share one storage. */
export function eventStrategy(version: EventDialect): Strategy {
  const dialectOf = ({ apiVersion }: WriteContext): EventDialect =>
    apiVersion === 'v1' || apiVersion === 'events.k8s.io/v1' ? apiVersion : version;
  return strategyOf<Event>({
    validateCreate: (event, context) => validateEventCreate(event, dialectOf(context)),
    validateUpdate: (event, old, context) => validateEventUpdate(event, old, dialectOf(context)),
    allowsCreateOnUpdate: true,
  });
}
