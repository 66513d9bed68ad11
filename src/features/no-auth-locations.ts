// no-auth-locations: paths of Ingresses that nobody has to authenticate for, by passwords or by an external server: a setting that the
// features share which ask clients who they are.
import type { AnnotationKey, AnnotationValues, CompileContext } from './contract.ts';
import { readValue, refuseControls } from './values.ts';

const defaultLocations: readonly string[] = ['/.well-known/acme-challenge'];

export const noAuthLocationsKey: AnnotationKey<readonly string[]> & { readonly setting: string } = {
  name: 'no-auth-locations',
  dialect: 'nginx',
  setting: 'no-auth-locations',
  parse: parseLocations,
  scope: 'route',
  risk: 'high',
  onInvalid: 'default',
  // None is without.
  invalidSetting: [],
  defaultText: '`/.well-known/acme-challenge`',
  valueText: 'paths with commas between',
  doc: 'Rules with one of these paths, or with a path below one, ask for no authentication at all. Whole elements count: `/api` is not `/apis`, unlike in ingress-nginx. A path that is a regular expression counts if no character in it has a special meaning.',
};

function parseLocations(text: string): ReturnType<AnnotationKey<readonly string[]>['parse']> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const locations = text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  if (locations.length > 100 || locations.some((each) => !each.startsWith('/')))
    return { wanted: 'up to 100 paths that begin with "/", with commas between' };
  return { value: locations };
}

/** Whether the rule's path is one that clients reach without saying who they are. */
export function isWithoutAuth(
  values: AnnotationValues,
  { path, pathKind }: Pick<CompileContext, 'path' | 'pathKind'>,
): boolean {
  if (pathKind === 'regex' && !/^[\w\-./~%]*$/.test(path)) return false;
  const locations = readValue(values, noAuthLocationsKey) ?? defaultLocations;
  return locations.some((each) => {
    const base = each.endsWith('/') ? each.slice(0, -1) : each;
    return path === base || path.startsWith(`${base}/`);
  });
}
