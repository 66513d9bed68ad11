// Canaries: a second upstream for the requests of a route, and which of them go there. Plain readonly data; decided in
// features/canary/decision.ts and proxy/live-canary.ts.
import type { SourceId } from './object-ref.ts';
import type { UpstreamId } from './route.ts';

/** What the value of a request field says of the side. A request without the field is decided by what comes after it. */
export type CanaryHeader =
  /** `always`: the canary, `never`: the main upstream. */
  | { readonly kind: 'switch'; readonly name: string }
  /** Equal: the canary. */
  | { readonly kind: 'value'; readonly name: string; readonly value: string }
  /** Found anywhere in the value: the canary. */
  | { readonly kind: 'pattern'; readonly name: string; readonly pattern: string }
  /** A pattern that cannot be asked: the main upstream, whatever else the request says. */
  | { readonly kind: 'broken'; readonly name: string };

export interface Canary {
  /** The canary's own rule, `ingress/NS/NAME/rule/I/path/J`. */
  readonly id: SourceId;
  readonly upstream: UpstreamId;
  /** Asked first; the name is in lower case. Null: no field says anything. */
  readonly header: CanaryHeader | null;
  /** Asked second: a cookie of this name (lower case, compared in any case) that says `always` or `never`; empty: none does. */
  readonly cookie: string;
  /** Of `total` requests that nothing else decides, this many go to the canary; not below 0. */
  readonly weight: number;
  readonly total: number;
  /** In the place of the route's: those of features that choose among the endpoints of an upstream. */
  readonly policies: Readonly<Record<string, unknown>>;
}
