// Our own kind: the settings of an IngressClass, kept at cluster scope.
import type { ObjectBase } from './object-meta.ts';

/** `sallyport.dev/v1alpha1 SallyportParameters`; cluster-scoped. An IngressClass names it in `spec.parameters`. */
export interface SallyportParameters extends ObjectBase<'SallyportParameters', 'sallyport.dev/v1alpha1'> {
  readonly spec: SallyportParametersSpec;
}

export interface SallyportParametersSpec {
  /** The keys and values of the controller's ConfigMap; they apply to the Ingresses of the class. */
  readonly settings?: Readonly<Record<string, string>>;
}
