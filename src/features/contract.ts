// What a feature is: one folder per annotation group or traffic policy. The control plane reads the declaration and calls
// `compile`; the data plane calls `prepare` once per route when a table is swapped in, and runs the hooks it returns.
import {
  defaultRetryPolicy,
  defaultUpstreamTls,
  type ClientTlsId,
  type CookieAffinity,
  type CredentialsId,
  type ExternalAuth,
  type FastCgi,
  type HashPolicy,
  type Mirror,
  type ObjectKey,
  type ProtocolChoice,
  type RetryPolicy,
  type RouteTracing,
  type SpreadAlgorithm,
  type UpstreamId,
  type TemplatePart,
  type UpstreamTls,
} from '../model/index.ts';

/** A problem with an annotation's value; translate/ adds the object. */
export interface AnnotationIssue {
  readonly severity: 'error' | 'warning' | 'info';
  readonly code: 'AnnotationInvalid' | 'AnnotationUnsupported' | 'RegexUnsupported';
  /** Full annotation key under its default prefix (keys.ts), or empty for an issue of the route's path. */
  readonly key: string;
  readonly message: string;
}

/** Whole-value parse: the value, or a sentence that says what was wanted. Never throws. */
export type ParseResult<T> = { readonly value: T } | { readonly wanted: string };

/** What an annotation asks for that is never done. */
export interface RefusedValue {
  /** Serving the paths without it could let somebody in: they answer 503. */
  readonly isProtective: boolean;
  /** What to do instead: phrases without a final period, each told as a problem. */
  readonly advice: readonly string[];
}

export interface AnnotationKey<T = unknown> {
  /** Without the prefix, e.g. `ssl-redirect`. */
  readonly name: string;
  /** Which prefix the key lives under: the ingress-nginx dialect, or our own `sallyport.dev`. */
  readonly dialect: 'nginx' | 'sallyport';
  readonly parse: (text: string) => ParseResult<T>;
  /** The value is lines: its parser judges each, and lets LF stand between them. */
  readonly isLines?: true;
  /** Of a key that is refused whatever it says: what is lost; null: the value asks for nothing. Its values reach no `compile`. */
  readonly refuse?: (text: string) => RefusedValue | null;
  /** `route`: acts on the paths of its Ingress. `host`: acts on the whole host, the oldest Ingress decides. */
  readonly scope: 'route' | 'host';
  readonly risk: 'low' | 'medium' | 'high' | 'critical';
  /** The key of the controller's ConfigMap, and of class parameters, that sets the default; absent: it cannot be set. */
  readonly setting?: string;
  /** What a setting that does not parse counts as; absent: it counts as not set. For settings that protect: nothing opens by a typing mistake. */
  readonly invalidSetting?: T;
  /**
   * What a value that does not parse does, always with a Problem:
   * `default`: as if absent. `reject`: the object's last good version stays in force; without one it is as with `deny`. `deny`: its routes answer 503 (protective features).
   */
  readonly onInvalid: 'default' | 'reject' | 'deny';
  /** A value of nothing but spaces counts as absent, without a Problem, as in ingress-nginx: charts write it where nothing was said. */
  readonly isAbsentWhenBlank?: true;
  /** The default as text, for the reference page. */
  readonly defaultText: string;
  /** What values are accepted, for the reference page. */
  readonly valueText: string;
  /** What it does, one or more sentences, for the reference page. */
  readonly doc: string;
}

/** Parsed values by key name; absent keys and keys that fell back to their default are missing. */
export type AnnotationValues = ReadonlyMap<string, unknown>;

/** What a feature may know of the route it compiles for. */
export interface CompileContext {
  readonly host: string;
  readonly path: string;
  readonly pathKind: 'exact' | 'prefix' | 'regex';
  /** Of the Ingress: what it refers to must be in there, unless `crossesNamespaces`. */
  readonly namespace: string;
  /** Whether what the Ingress refers to may be on the proxy's own machine. */
  readonly allowsLoopback: boolean;
  /** On which the proxy has its admin pages: nothing that an Ingress refers to by a name is asked there. */
  readonly adminPorts: readonly number[];
  /** The data of those that the features named (`configMapOf`); what does not exist is missing. */
  readonly configMaps: ReadonlyMap<ObjectKey, Readonly<Record<string, string>>>;
  /** The operator lets Ingresses refer to Secrets of other namespaces. */
  readonly crossesNamespaces: boolean;
  readonly report: (issue: AnnotationIssue) => void;
}

/** A route's answer given by a feature instead of a backend. */
export interface LocalResponse {
  readonly status: number;
  /** Why, for the access log and explain, e.g. `ssl-redirect`. */
  readonly reason: string;
  readonly location?: string;
  /** Further complete field lines. */
  readonly fields?: string;
  /** Instead of the usual page: text of the owner of the route, with its media type. */
  readonly page?: { readonly mediaType: string; readonly text: string };
  /** Connection ends after this answer. */
  readonly close?: boolean;
}

/** For URLs that lead back here. */
export interface RequestPorts {
  /** Where the client says, or is believed to say, that it asked. */
  readonly own: string;
  readonly https: number;
}

/** The request as features see it; made by the data plane, once per request. */
export interface RequestView {
  readonly method: string;
  /** Normalised host without port, empty when the request named none. */
  readonly host: string;
  /** Canonical path, starts with `/`; what matching used. */
  readonly path: string;
  /** The path as a reader would take it that decodes more (`%2F`); empty: the same. */
  readonly greedyPath: string;
  /** Query with its `?`, raw; empty when absent. */
  readonly query: string;
  /** `https` when the client connection (or a trusted forwarder) says so. */
  readonly scheme: string;
  /** True when the host, or failing that its wildcard, has TLS in the table. */
  readonly hostHasTls: boolean;
  /** Declared length in bytes; -1 for chunked, 0 for none. */
  readonly contentLength: number;
  /** The host and port as the client spelt them; empty when the request named none. */
  readonly authority: string;
  readonly ports: RequestPorts;
  /** Canonical text of the address that counts as the client's, after the rules for trusted forwarders. */
  readonly clientAddress: string;
  /** The value of the first request field of that name (lower case); empty: none. */
  field(name: string): string;
  /** The values of all request fields of that name (lower case), in order. */
  fieldValues(name: string): readonly string[];
  /** What a part of a template stands for. Holds no line end. */
  read(part: TemplatePart): string;
}

/** What one check of access says: let in, refused with this answer, or nothing (it has no opinion of this client). */
export type AccessVerdict = 'granted' | 'abstains' | LocalResponse;

/** What a prepared feature does for the requests of one route. Absent hooks cost nothing. */
export interface RouteHooks {
  /** Before a backend is chosen: null to go on, or the answer. */
  readonly admit?: (request: RequestView) => LocalResponse | null;
  /**
   * The path to send upstream, without a query: the request's own query follows it unchanged. Null leaves the path. The data
   * plane reads the result again (http-hardening.md, N4).
   */
  readonly rewrite?: (request: RequestView) => string | null;
  /** Once for each attempt: the lines that pass from the client to the upstream, changed. */
  readonly forward?: (request: RequestView, fields: string) => string;
  /** Once the response is chosen: its lines, changed. `isOwn`: the proxy answers, not the upstream. */
  readonly respond?: (request: RequestView, fields: string, isOwn: boolean) => string;
  /**
   * Who may come, asked when all else has admitted the request and an endpoint is there. `RouteSettings.satisfiesAny` says how the
   * checks of a route count together (access.ts). A promise holds the request back; it never rejects.
   */
  readonly access?: (request: RequestView) => AccessVerdict | Promise<AccessVerdict>;
}

/** What one client address may ask; 0: as much as it likes. */
export interface ClientLimits {
  readonly perSecond: number;
  readonly perMinute: number;
  /** Requests under way. */
  readonly atOnce: number;
  /** Of the rates: what may come at once. */
  readonly burstMultiplier: number;
  /** Addresses and networks that are not limited. */
  readonly exempt: readonly string[];
}

/** What each response may take. */
export interface ResponsePace {
  readonly bytesPerSecond: number;
  /** The first bytes of a body, which are not held back. */
  readonly fullSpeedBytes: number;
}

/** Who must say a password, and which. */
export interface PasswordSettings {
  readonly kind: 'basic' | 'digest';
  /** What clients are told that the password is for. */
  readonly realm: string;
  /** Null, or not in the table: nobody can be checked, and every request is answered 503. */
  readonly credentials: CredentialsId | null;
}

/** Which errors a default backend answers, and whose. */
export interface ErrorPagesPolicy {
  /** Ascending. */
  readonly codes: readonly number[];
  /** Answers of endpoints are left alone, whatever their status. */
  readonly leavesUpstream: boolean;
  /** The Service of the Ingress's own, at its first port; null: the controller's default backend. */
  readonly upstream: UpstreamId | null;
}

/** Plain settings that the data plane itself reads; a feature contributes a part of them. */
export interface RouteSettings {
  /** Largest request body; 0 = unlimited. */
  readonly maxBodyBytes: number;
  readonly connectTimeoutMs: number;
  /** Longest pause between two writes to the upstream. */
  readonly sendTimeoutMs: number;
  /** Longest pause between two reads from the upstream. */
  readonly readTimeoutMs: number;
  /** How requests are spread over the endpoints. */
  readonly spread: SpreadAlgorithm;
  /** Goes before `spread`; null: no hashing. */
  readonly hash: HashPolicy | null;
  /** Goes before `hash`; null: no cookie. */
  readonly affinity: CookieAffinity | null;
  /** Null: what the upstream's port says. */
  readonly protocol: ProtocolChoice | null;
  /** Goes before `protocol`; null: HTTP is spoken. */
  readonly fastCgi: FastCgi | null;
  readonly upstreamTls: UpstreamTls;
  /** When a request is tried again. */
  readonly retry: RetryPolicy;
  /** The Host that the upstream gets; empty: the client's. */
  readonly upstreamHost: string;
  /** Connection of the requests that the upstream gets; empty: none. */
  readonly connectionField: '' | 'close' | 'keep-alive';
  /** Largest head of a response, where it is less than what the proxy takes from anybody. */
  readonly maxResponseHeadBytes: number;
  /** Null: errors are answered as they are. */
  readonly errorPages: ErrorPagesPolicy | null;
  /** Null: none. */
  readonly clientLimits: ClientLimits | null;
  /** How fast the bodies of responses go; null: as fast as they can. */
  readonly responsePace: ResponsePace | null;
  /** A check of access, after those of hooks; null: none. */
  readonly passwords: PasswordSettings | null;
  /** One check of access that lets a client in is enough; else none may refuse it. */
  readonly satisfiesAny: boolean;
  /** A server that is asked who may come; null: none. It is the last check of access. */
  readonly externalAuth: ExternalAuth | null;
  /** Requests have their line in the access log. */
  readonly isLogged: boolean;
  /** Null: no request is copied. */
  readonly mirror: Mirror | null;
  /** Null: no span is made of a request. */
  readonly tracing: RouteTracing | null;
}

/** Defaults as ingress-nginx has them. */
export const defaultRouteSettings: RouteSettings = {
  maxBodyBytes: 1_048_576,
  connectTimeoutMs: 5_000,
  sendTimeoutMs: 60_000,
  readTimeoutMs: 60_000,
  spread: 'round-robin',
  hash: null,
  affinity: null,
  protocol: null,
  fastCgi: null,
  upstreamTls: defaultUpstreamTls,
  retry: defaultRetryPolicy,
  upstreamHost: '',
  connectionField: '',
  maxResponseHeadBytes: Number.POSITIVE_INFINITY,
  errorPages: null,
  clientLimits: null,
  responsePace: null,
  passwords: null,
  satisfiesAny: false,
  externalAuth: null,
  isLogged: true,
  mirror: null,
  tracing: null,
};

export interface Feature<Policy = unknown> {
  /** Kebab-case, the folder's name; the key of `Route.policies`. */
  readonly name: string;
  readonly doc: string;
  readonly keys: readonly AnnotationKey[];
  /** Keys that are no annotations: only settings have them, and their values come with those of the annotations. */
  readonly settingKeys?: readonly (AnnotationKey & { readonly setting: string })[];
  /** Names of features that act before this one on a request. */
  readonly after: readonly string[];
  /** Its policy chooses among the endpoints of an upstream: a canary brings its own. Plain settings, no hooks. */
  readonly choosesEndpoint?: true;
  /** Control plane: values to policy data (plain, cloneable), or null when the route needs nothing from this feature. */
  readonly compile: (values: AnnotationValues, context: CompileContext) => Policy | null;
  /** Control plane: an upstream that the policy speaks to, whatever becomes of it; null: none. */
  readonly upstreamOf?: (policy: Policy) => UpstreamId | null;
  /** The name of the key that names its Service: its owner is told what is wrong with it. */
  readonly upstreamKey?: string;
  /** Control plane: a ConfigMap whose content `compile` wants to see; null: none. */
  readonly configMapOf?: (values: AnnotationValues, namespace: string) => ObjectKey | null;
  /** Control plane: the Secret of a client's TLS that the policy refers to, and the key that names it; null: none. */
  readonly clientTlsOf?: (policy: Policy) => { readonly id: ClientTlsId; readonly key: string } | null;
  /** Control plane: the Secret with passwords that the policy refers to, and the key that names it; null: none. */
  readonly credentialsOf?: (policy: Policy) => { readonly id: CredentialsId; readonly key: string } | null;
  /** Data plane: policy to hooks, once per route and table. */
  readonly prepare?: (
    policy: Policy,
    route: { readonly path: string; readonly pathKind: string },
  ) => RouteHooks;
  /** Data plane: the part of the settings that the policy changes. */
  readonly settings?: (policy: Policy) => Partial<RouteSettings>;
  /** Data plane and explain: one phrase for the policy, e.g. `redirect to https when the host has TLS`. */
  readonly describe: (policy: Policy) => string;
}

/** Checks a feature's types where it is written and forgets them where features meet in one list. */
export function defineFeature<Policy>(feature: Feature<Policy>): Feature {
  return feature as unknown as Feature;
}
