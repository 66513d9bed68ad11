// ApiObject: an object as the API server stores, exchanges and hands it out: plain JSON, frozen by convention.
import type { ObjectMeta } from '../kube/index.ts';

/** Never changed after it was handed over; a new state is a new object. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}
