// Plans: what one Ingress asks for, before other Ingresses have their say. A plan depends on its Ingress and the options alone,
// so it is made once per version of the object; hosts are built from the plans that name them.
import type {
  AnnotationIssue,
  AnnotationValues,
  CanaryRule,
  CompileContext,
  QuirkSet,
} from '../features/index.ts';
import type { PathType } from '../kube/index.ts';
import type {
  CertificateId,
  CredentialsId,
  HostPattern,
  ObjectKey,
  ObjectRef,
  Problem,
  Route,
  SourceId,
  UpstreamId,
} from '../model/index.ts';

import type { FurtherName } from './further-names.ts';

export interface IngressPlan {
  readonly key: ObjectKey;
  readonly ref: ObjectRef;
  /** `metadata.creationTimestamp`, milliseconds; 0 when absent. */
  readonly createdMs: number;
  readonly values: AnnotationValues;
  readonly quirks: QuirkSet;
  /** Full annotation keys of `values`. */
  readonly fullKeys: ReadonlyMap<string, string>;
  /** Full keys, by name, of those that protect whole hosts and whose value cannot be read: they are no part of `values`. */
  readonly unreadableHostKeys: ReadonlyMap<string, string>;
  /** Its Secrets may be of other namespaces. */
  readonly crossesNamespaces: boolean;
  /** All its paths answer 503, by its annotations. */
  readonly isDenied: boolean;
  /** Present: its paths have no route of their own, they join those of other Ingresses. */
  readonly canary: CanaryRule | null;
  /** The part of `values` that acts on whole hosts. */
  readonly hostValues: AnnotationValues;
  readonly hosts: ReadonlyMap<HostPattern, HostPlan>;
  readonly backends: readonly BackendUse[];
  /** Upstreams that features speak to, without anybody's promise that they are there. */
  readonly furtherUpstreams: readonly UpstreamId[];
  readonly secrets: readonly SecretUse[];
  /** Secrets with authorities over clients. */
  readonly authoritySecrets: readonly SecretUse[];
  /** Secrets for TLS to upstreams. */
  readonly clientSecrets: readonly SecretUse[];
  /** ConfigMaps whose content is in its policies. */
  readonly configMaps: readonly ObjectKey[];
  /** Secrets with passwords. */
  readonly credentials: readonly CredentialsUse[];
  /** Of the object by itself: annotations, backends, regexes, tls hosts. */
  readonly problems: readonly Problem[];
}

/** What an Ingress says of one host. */
export interface HostPlan {
  /** True if a rule (or, for the catch-all host, a default backend without rules) names the host; false: only `tls` does, or a canary. */
  readonly ruled: boolean;
  /** In the order of the object. */
  readonly claims: readonly PathClaim[];
  readonly fallback: PathClaim | null;
  /** Entries of `tls` that may give the host its certificate, best first; empty: the Ingress says nothing of TLS here. */
  readonly tls: readonly TlsClaim[];
  /** Present: an annotation names the host, no rule does. */
  readonly further?: FurtherName;
}

/** One path of one rule, or a default backend. */
export interface PathClaim {
  readonly ingress: ObjectKey;
  readonly createdMs: number;
  /** Number of the path in its Ingress. */
  readonly position: number;
  /** Field path of the rule's path object, or of the default backend. */
  readonly field: string;
  /** Null: a default backend. */
  readonly pathType: PathType | null;
  readonly route: Route;
  /** What features compile by; null: the Ingress is denied and no feature runs. */
  readonly context: Omit<CompileContext, 'report'> | null;
  readonly issues: readonly AnnotationIssue[];
}

export interface TlsClaim {
  /** `ingress/NS/NAME/tls/I`. */
  readonly source: SourceId;
  /** Null: the entry names no Secret. */
  readonly secret: CertificateId | null;
  /** True: the entry's hosts list the host; false: its certificate is tried because it may cover it. */
  readonly isListed: boolean;
  /** The host has TLS by this entry only if its certificate covers it. */
  readonly onlyCovering?: true;
  readonly field: string;
}

export interface BackendUse {
  readonly upstream: UpstreamId;
  /** Field path of the backend. */
  readonly field: string;
  /** Field path of what names the Service. */
  readonly serviceField: string;
  /** Field path of the port within the backend. */
  readonly portField: string;
}

export interface SecretUse {
  readonly secret: CertificateId;
  readonly field: string;
}

export interface CredentialsUse {
  readonly id: CredentialsId;
  readonly field: string;
}
