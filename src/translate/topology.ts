// Which endpoints are near the proxy: those that the hints of the slices give to its node or its zone, and where slices have no
// hints, those that the Service's trafficDistribution would. Near ones are preferred while enough of them are well.
import type { SliceEndpoint } from '../kube/index.ts';
import { membersOf, textOf } from './shape.ts';

/** Where the proxy runs; empty: not known. */
export interface ProxyPlace {
  readonly zone: string;
  readonly node: string;
}

export const nowhere: ProxyPlace = { zone: '', node: '' };

/** What a slice says of the place of an endpoint. */
export interface EndpointPlace {
  readonly zone: string;
  readonly node: string;
  readonly forZones: readonly string[];
  readonly forNodes: readonly string[];
}

/** Of an `Endpoints` object, and where a slice says nothing. */
export const unplaced: EndpointPlace = { zone: '', node: '', forZones: [], forNodes: [] };

export function placeOf({ zone, nodeName, hints }: SliceEndpoint): EndpointPlace {
  return {
    zone: textOf(zone),
    node: textOf(nodeName),
    forZones: namesOf(hints?.forZones),
    forNodes: namesOf(hints?.forNodes),
  };
}

function namesOf(list: readonly { readonly name: string }[] | undefined): readonly string[] {
  return membersOf(list).map(([, { name }]) => textOf(name));
}

/**
 * Which of the ready endpoints are near, as a test; null: none is preferred. Hints count only if every ready endpoint has them, as for
 * kube-proxy: half of them are worse than none. Nobody near means that all are equally far.
 */
export function findNear(
  ready: readonly EndpointPlace[],
  distribution: string,
  own: ProxyPlace,
): ((place: EndpointPlace) => boolean) | null {
  if (ready.length === 0) return null;
  const tests: ((place: EndpointPlace) => boolean)[] = [];
  const hasHints = ready.some(({ forZones, forNodes }) => forZones.length > 0 || forNodes.length > 0);
  if (own.node !== '' && ready.every(({ forNodes }) => forNodes.length > 0))
    tests.push(({ forNodes }) => forNodes.includes(own.node));
  if (own.zone !== '' && ready.every(({ forZones }) => forZones.length > 0))
    tests.push(({ forZones }) => forZones.includes(own.zone));
  if (!hasHints && distribution === 'PreferSameNode' && own.node !== '')
    tests.push(({ node }) => node === own.node);
  if (!hasHints && distribution !== '' && own.zone !== '') tests.push(({ zone }) => zone === own.zone);
  return tests.find((isNear) => ready.some(isNear)) ?? null;
}
