// Who may come: the checks of access of a route, decided as far as the request that was asked about lets them be; what is left depends on the
// client. The counting
// (`satisfy`) is that of the data plane, asked as if all that is open let the client in: who is refused then is refused for certain.
import {
  type AccessVerdict,
  makeAccessCheck,
  type PreparedFeature,
  type RequestView,
  type RouteSettings,
  settingsOf,
} from '../../features/index.ts';
import type { Explanation } from '../../table/index.ts';
import { compileTrust } from '../../wire/forwarded/index.ts';
import { lookupField } from '../../wire/http1/field-value.ts';
import type { AskedRequest, OwnAnswer } from '../decide-request.ts';

export interface AccessStep {
  /** Name of the feature, or `client-certificates`. */
  readonly name: string;
  readonly verdict: 'lets in' | 'refuses' | 'has no opinion' | 'depends on the client';
  /** What it depends on, or why. A phrase. */
  readonly why: string;
}

export interface AccessDecision {
  /** Empty: everybody may come. */
  readonly steps: readonly AccessStep[];
  /** The proxy's answer, where the client is refused whatever else is known of it. */
  readonly answer: OwnAnswer | null;
}

interface Check extends AccessStep {
  /** Null: not known. */
  readonly outcome: AccessVerdict | null;
}

/** Asked where an endpoint would answer. */
export function decideAccess(
  { clientAuth }: Explanation,
  prepared: readonly PreparedFeature[],
  asked: AskedRequest,
  view: RequestView,
): AccessDecision {
  const settings = settingsOf(prepared);
  const steps: AccessStep[] = [];
  if (clientAuth !== undefined && asked.scheme === 'https') {
    const why =
      clientAuth.authority === null
        ? 'nobody can be verified'
        : `the certificate it shows (${clientAuth.mode})`;
    steps.push({ name: 'client-certificates', verdict: 'depends on the client', why });
  }
  const limit = stepOfLimits(settings, asked);
  if (limit !== null) steps.push(limit);
  const checks: Check[] = [];
  for (const { feature, hooks } of prepared) {
    if (hooks.access !== undefined) checks.push(checkOfHook(feature.name, hooks.access, view));
  }
  const { passwords, externalAuth } = settings;
  if (passwords !== null) checks.push(checkOfPasswords(passwords, asked));
  if (externalAuth !== null) {
    const { scheme, host, port } = externalAuth.server;
    const why = `the answer of ${scheme}://${host ?? view.host}:${port}`;
    checks.push({ name: 'external-auth', verdict: 'depends on the client', why, outcome: null });
  }
  for (const { name, verdict, why } of checks) steps.push({ name, verdict, why });
  return { steps, answer: refusalOf(checks, settings, view) };
}

/** What a client is answered for whom everything that is open goes well. Null: it is let in. */
function refusalOf(checks: readonly Check[], settings: RouteSettings, view: RequestView): OwnAnswer | null {
  const verdicts = checks.map(
    ({ outcome }) =>
      () =>
        outcome ?? 'granted',
  );
  const refusal = makeAccessCheck([], settings, verdicts)?.(view) ?? null;
  if (refusal === null || refusal instanceof Promise) return null;
  return { status: refusal.status, reason: refusal.reason, location: refusal.location ?? null };
}

function checkOfHook(
  name: string,
  hook: (request: RequestView) => AccessVerdict | Promise<AccessVerdict>,
  view: RequestView,
): Check {
  const open = { name, verdict: 'depends on the client', outcome: null } as const;
  if (view.clientAddress === '') return { ...open, why: 'its address; --client-address says one' };
  const outcome = hook(view);
  if (outcome instanceof Promise) return { ...open, why: 'what the check learns while it is asked' };
  if (outcome === 'granted')
    return { name, verdict: 'lets in', why: `the address ${view.clientAddress}`, outcome };
  if (outcome === 'abstains')
    return { name, verdict: 'has no opinion', why: `of the address ${view.clientAddress}`, outcome };
  return {
    name,
    verdict: 'refuses',
    why: `the address ${view.clientAddress}, with ${outcome.status}`,
    outcome,
  };
}

function checkOfPasswords(
  { kind, credentials }: NonNullable<RouteSettings['passwords']>,
  asked: AskedRequest,
): Check {
  const name = 'passwords';
  if (lookupField(asked.fields, 'authorization') !== '') {
    const why = `whether Secret ${credentials ?? ''} has its user and password`;
    return { name, verdict: 'depends on the client', why, outcome: null };
  }
  const outcome = { status: 401, reason: 'password-wanted' };
  return { name, verdict: 'refuses', why: `a request without Authorization (${kind}), with 401`, outcome };
}

function stepOfLimits(
  { clientLimits }: RouteSettings,
  { clientAddress = '' }: AskedRequest,
): AccessStep | null {
  if (clientLimits === null) return null;
  const name = 'limits';
  if (clientAddress !== '' && compileTrust(clientLimits.exempt)(clientAddress))
    return { name, verdict: 'lets in', why: `the address ${clientAddress}, which is not limited` };
  return { name, verdict: 'depends on the client', why: 'how much it has asked of late' };
}
