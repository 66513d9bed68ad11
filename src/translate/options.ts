// What the translator is told at start, and the changes it is fed.
import type { Feature, QuirkSet } from '../features/index.ts';
import type { KubeObject } from '../kube/index.ts';
import type { ObjectKey, ObjectRef } from '../model/index.ts';
import type { OwnListener } from './own-listeners.ts';
import type { ProxyPlace } from './topology.ts';

export interface TranslateOptions {
  /** `spec.controller` of the IngressClasses that are ours, e.g. `sallyport.dev/ingress-controller`. */
  readonly controllerName: string;
  /** Value of the annotation `kubernetes.io/ingress.class` that is ours, compared as a plain string. */
  readonly ingressClassAnnotation: string;
  /** Whether an Ingress that names no class is served. */
  readonly watchIngressWithoutClass: boolean;
  /** Whether the class whose name is `ingressClassAnnotation` is ours too, whatever its controller. */
  readonly ingressClassByName: boolean;
  /** Whether Ingresses with a `spec.defaultBackend` are left alone. */
  readonly disableCatchAll: boolean;
  /** Whether Services of type ExternalName have no endpoint. */
  readonly disableExternalName: boolean;
  /** Whether hosts may have their TLS connections passed through. */
  readonly passesTls: boolean;
  /** ConfigMaps of the TCP and UDP services; null: there are none. */
  readonly tcpServices: ObjectKey | null;
  readonly udpServices: ObjectKey | null;
  /** Settings for all Ingresses. */
  readonly configMap: ObjectKey | null;
  /** Answers where no host or route does; `port: null` takes the Service's first TCP port. */
  readonly defaultBackendService: DefaultBackendService | null;
  /** TLS Secret of the certificate that is served where none fits. */
  readonly defaultCertificate: ObjectKey | null;
  /** Secret of the challenges that the proxy answers; null: certificates are not ordered. Nobody but the controller may write it. */
  readonly challengeSecret: ObjectKey | null;
  /** Prefixes of annotation keys, without the slash. */
  readonly annotationPrefixes: { readonly nginx: string; readonly sallyport: string };
  /** Endpoints on 127.0.0.0/8 and ::1, and the external name `localhost`, are served: for one machine, never for a cluster. */
  readonly allowLoopbackEndpoints: boolean;
  /** Where this proxy listens: never an endpoint. */
  readonly ownListeners: readonly OwnListener[];
  /** Where the proxy runs, to prefer endpoints that are near; absent: not known. */
  readonly place?: ProxyPlace;
  readonly features: readonly Feature[];
  /** Quirks of ingress-nginx that routing has unless settings or annotations say otherwise; absent: none. */
  readonly quirks?: QuirkSet;
  /** Quirks that nothing turns on, neither settings nor annotations: to see what the same objects come to without them. Absent: none. */
  readonly quirksOff?: QuirkSet;
}

export interface DefaultBackendService {
  readonly namespace: string;
  readonly name: string;
  readonly port: string | null;
}

/** An object that appeared or changed, or one that is gone. Objects are never changed after they were handed over. */
export type ObjectChange =
  | { readonly kind: 'set'; readonly object: KubeObject }
  | { readonly kind: 'removed'; readonly ref: ObjectRef };
