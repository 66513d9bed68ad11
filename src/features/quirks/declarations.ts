// The quirks of ingress-nginx: what its routing does that nobody reads in an Ingress. Each has a name by which it is turned on and off.

export interface QuirkDeclaration {
  readonly name: string;
  /** What it changes, for the reference page. */
  readonly doc: string;
  /** Why turning it on harms nobody else. */
  readonly safety: string;
}

/** Off unless turned on. In the order of the reference page. */
export const quirkDeclarations = [
  {
    name: 'host-wide-regex',
    doc: 'Where an Ingress has `use-regex`, or a `rewrite-target` that differs from its path, every path of its namespace on that host is a regular expression: in any case, anchored at the start only, the longest text first, `Exact` no longer exact. A path that cannot be matched in linear time stays what it is.',
    safety:
      'First the plain rules decide whose request it is; only within the paths of that namespace, and for requests that no rule takes, the expressions choose.',
  },
  {
    name: 'trailing-slash-redirect',
    doc: 'A request for `/foo` where a rule says `/foo/` (`Prefix` or `Exact`), and no rule says `/foo`, gets 301 to `/foo/` with its query, before everything else.',
    safety: 'Not where the request would go to a rule of another namespace.',
  },
  {
    name: 'inherit-oldest-settings',
    doc: 'Requests for paths of a host that no rule takes get what the annotations of the oldest Ingress of the host say (redirects, address lists in so far as they act before a backend is chosen, CORS), and then 404.',
    safety: 'Nobody has a rule for these paths.',
  },
  {
    name: 'newest-name-first',
    doc: 'Of Ingresses of one namespace that were made in the same second the last by name counts as the oldest, where all of them have the quirk.',
    safety: 'The order between namespaces stays.',
  },
] as const satisfies readonly QuirkDeclaration[];

export type QuirkName = (typeof quirkDeclarations)[number]['name'];

export type QuirkSet = ReadonlySet<QuirkName>;

export const noQuirks: QuirkSet = new Set();
export const allQuirks: QuirkSet = new Set(quirkDeclarations.map(({ name }) => name));

/** What ingress-nginx does and this program always does, too, or never. For the reference page. */
export const settledQuirks: readonly {
  readonly name: string;
  readonly isFollowed: boolean;
  readonly doc: string;
}[] = [
  {
    name: 'implementation-specific-as-prefix',
    isFollowed: true,
    doc: '`ImplementationSpecific`, and no type at all, is `Prefix`.',
  },
  {
    name: 'case-insensitive-regex',
    isFollowed: true,
    doc: 'Paths that are regular expressions match in any case, and are anchored at the start only.',
  },
  {
    name: 'rewrite-implies-regex',
    isFollowed: true,
    doc: 'A path with characters of a regular expression is one where its Ingress has a `rewrite-target`, even without `use-regex`.',
  },
  {
    name: 'oldest-ingress-first',
    isFollowed: true,
    doc: 'Of two Ingresses with the same host, path and type the older one has it; what acts on whole hosts is said by the oldest that says it.',
  },
  {
    name: 'default-backend-of-own-hosts',
    isFollowed: true,
    doc: 'A `defaultBackend` beside rules takes the unmatched paths of the hosts of its own Ingress.',
  },
  {
    name: 'shared-upstream-settings',
    isFollowed: false,
    doc: 'Load balancing and affinity of a Service port are those of the first Ingress that names it. Here each Ingress says it for its own paths.',
  },
  {
    name: 'open-on-bad-authentication',
    isFollowed: false,
    doc: 'Some bad values take the whole authentication away. Here they deny.',
  },
  {
    name: 'redirects-lost-together',
    isFollowed: false,
    doc: 'A bad `temporal-redirect` takes all redirects of the Ingress away. Here the version is not taken.',
  },
  {
    name: 'affinity-of-the-last',
    isFollowed: false,
    doc: 'The cookie of a shared Service is described by the last Ingress with affinity. Here by the one that the request goes by.',
  },
];
