// The ciphers of a host, out of the annotations of the Ingresses that have a rule for it. As with certificates, only the namespace that
// owns the host has a say: else a neighbour could weaken its TLS.
import { preferServerCiphersKey, sslCiphersKey } from '../features/index.ts';
import type { HostTls } from '../model/index.ts';
import type { IngressPlan } from './plan.ts';

/** `plans`: those with a rule for the host, oldest first. */
export function withCiphers(
  tls: HostTls | null,
  plans: readonly IngressPlan[],
  owner: string,
): HostTls | null {
  if (tls === null) return null;
  const valueOf = (name: string): unknown =>
    plans.find(({ ref, values }) => ref.namespace === owner && values.has(name))?.values.get(name);
  const ciphers = valueOf(sslCiphersKey.name);
  const prefersServer = valueOf(preferServerCiphersKey.name);
  return {
    ...tls,
    ...(typeof ciphers === 'string' && { ciphers }),
    ...(prefersServer === false && { prefersClientOrder: true as const }),
  };
}

/** For a host that another one stands in for: what holds there holds here. */
export function inheritCiphers(tls: HostTls | null, standIn: HostTls | null): HostTls | null {
  if (tls === null || standIn === null) return tls;
  const { ciphers, prefersClientOrder } = standIn;
  return {
    ...tls,
    ...(ciphers !== undefined && { ciphers }),
    ...(prefersClientOrder === true && { prefersClientOrder }),
  };
}
