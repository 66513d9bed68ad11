// Rules of a host that are not served, because what they say cannot be followed: a request that was meant for one gets what the others say.
import type { Report } from '../../controller/index.ts';
import { findIngress } from './origins.ts';
import type { KnownObjects } from './tell.ts';

/** `pattern`: the host entry that was chosen. `winner`: its problems are told elsewhere. */
export function findLeftOut(
  { reports, objects }: Pick<KnownObjects, 'reports' | 'objects'>,
  pattern: string,
  winner: Report['object'],
): readonly Report[] {
  return reports.filter(({ code, object, field }) => {
    if (code !== 'RegexUnsupported' || object?.kind !== 'Ingress') return false;
    const { namespace = '', name } = object;
    if (winner !== null && winner.namespace === namespace && winner.name === name) return false;
    const index = /^spec\.rules\[(\d+)\]/.exec(field)?.[1];
    const ingress = findIngress(objects, namespace, name);
    const rule = index === undefined ? undefined : ingress?.spec?.rules?.[Number(index)];
    return rule !== undefined && (rule.host ?? '') === pattern;
  });
}
