// The door of admission/: what is asked and changed before an object is validated, in order.
import type { Admission } from '../registry/resource.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';

export const admissions: readonly Admission[] = [namespaceLifecycle, defaultIngressClass];
export { defaultIngressClass, namespaceLifecycle };
