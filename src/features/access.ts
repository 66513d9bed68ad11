// The checks of access of one route as one: addresses, passwords. All of them must agree, or one is enough, as `satisfy` says; the
// counting is nginx's.
import type { RouteTable } from '../model/index.ts';
import type { AccessVerdict, LocalResponse, RequestView, RouteHooks, RouteSettings } from './contract.ts';

/** Null: come in. */
export type AccessCheck<View extends RequestView = RequestView> = (
  request: View,
) => Refusal | Promise<Refusal>;

type Refusal = LocalResponse | null;
/** One of the checks. */
export type AccessHook<View extends RequestView = RequestView> = (
  request: View,
) => AccessVerdict | Promise<AccessVerdict>;

/** Null where nothing is checked. `further`: checks of the data plane's own, asked after those of the hooks. */
export function makeAccessCheck<View extends RequestView = RequestView>(
  prepared: readonly { readonly hooks: RouteHooks }[],
  { satisfiesAny }: Pick<RouteSettings, 'satisfiesAny'>,
  further: readonly AccessHook<View>[] = [],
): AccessCheck<View> | null {
  const ofHooks: readonly AccessHook<View>[] = prepared.flatMap(({ hooks: { access } }) => access ?? []);
  const checks = [...ofHooks, ...further];
  if (checks.length === 0) return null;
  return (request) => askFrom(checks, 0, satisfiesAny, request, null);
}

/** Whether a route asks for passwords that nobody can check, for want of a Secret: its answer is 503, before all else that it says. */
export function lacksCredentials(
  { passwords }: Pick<RouteSettings, 'passwords'>,
  { credentials }: Pick<RouteTable, 'credentials'>,
): boolean {
  return passwords !== null && (passwords.credentials === null || !credentials.has(passwords.credentials));
}

/** Asks the checks from one on. `refused`: what those before it left. */
function askFrom<View extends RequestView>(
  checks: readonly AccessHook<View>[],
  from: number,
  isAnyEnough: boolean,
  request: View,
  refused: Refusal,
): Refusal | Promise<Refusal> {
  let left = refused;
  for (let i = from; i < checks.length; i += 1) {
    const verdict = checks[i]?.(request) ?? 'abstains';
    if (verdict instanceof Promise) {
      return verdict.then(async (late) => {
        const sum = count(late, left, isAnyEnough);
        return sum.isFinal ? sum.refusal : await askFrom(checks, i + 1, isAnyEnough, request, sum.refusal);
      });
    }
    const sum = count(verdict, left, isAnyEnough);
    if (sum.isFinal) return sum.refusal;
    left = sum.refusal;
  }
  return left;
}

interface Sum {
  readonly refusal: Refusal;
  readonly isFinal: boolean;
}

function count(verdict: AccessVerdict, left: Refusal, isAnyEnough: boolean): Sum {
  if (verdict === 'abstains') return { refusal: left, isFinal: false };
  if (verdict === 'granted') return { refusal: isAnyEnough ? null : left, isFinal: isAnyEnough };
  // Only a refusal of this client can be outweighed, not that a check could not be made.
  const canBeOutweighed = isAnyEnough && (verdict.status === 401 || verdict.status === 403);
  if (!canBeOutweighed) return { refusal: verdict, isFinal: true };
  // A client that may still say who it is shall be asked to: 401 goes before 403.
  return { refusal: left?.status === 401 ? left : verdict, isFinal: false };
}
