// What the tests of features share: a context that collects issues, a request, values parsed as translate/ parses them.
import type {
  AnnotationIssue,
  AnnotationValues,
  CompileContext,
  Feature,
  ParseResult,
  RequestView,
  RouteHooks,
} from './contract.ts';
import { readPlainPart } from './plain-part.ts';

/** A context for host `shop.example.com` and prefix path `/`, and the list in which its issues appear. */
export function sampleContext(part: Partial<Omit<CompileContext, 'report'>> = {}): {
  context: CompileContext;
  issues: AnnotationIssue[];
} {
  const issues: AnnotationIssue[] = [];
  const context: CompileContext = {
    host: 'shop.example.com',
    path: '/',
    pathKind: 'prefix',
    namespace: 'shop',
    allowsLoopback: true,
    adminPorts: [],
    configMaps: new Map(),
    crossesNamespaces: false,
    report: (issue) => issues.push(issue),
    ...part,
  };
  return { context, issues };
}

/** A plain GET for `http://shop.example.com/`, a host without TLS. */
export function sampleRequest(part: Partial<RequestView> = {}): RequestView {
  const request: RequestView = {
    method: 'GET',
    host: 'shop.example.com',
    path: '/',
    greedyPath: '',
    query: '',
    scheme: 'http',
    hostHasTls: false,
    contentLength: 0,
    authority: 'shop.example.com',
    ports: { own: '80', https: 443 },
    clientAddress: '192.0.2.1',
    field: () => '',
    fieldValues: (name) => [request.field(name)].filter((value) => value !== ''),
    read: (template) => readPlainPart(template, request, (name) => request.field(name)),
    ...part,
  };
  return request;
}

/** Annotations without prefix, as a feature's compile step gets them: those that do not parse are missing. */
export function parseValues(feature: Feature, texts: Readonly<Record<string, string>>): AnnotationValues {
  const values = new Map<string, unknown>();
  for (const [name, text] of Object.entries(texts)) {
    const parsed = parseKey(feature, name, text);
    if ('value' in parsed) values.set(name, parsed.value);
  }
  return values;
}

/** What the feature's own parser makes of a text. */
export function parseKey(feature: Feature, name: string, text: string): ParseResult<unknown> {
  const key = feature.keys.find((candidate) => candidate.name === name);
  if (key === undefined) throw new Error(`feature "${feature.name}" has no key "${name}"`);
  return key.parse(text);
}

/** What annotations make of a sample route, by way of the workers: the policy cloned, and its hooks. Null: nothing. */
export function prepareSample(
  feature: Feature,
  texts: Readonly<Record<string, string>>,
): { readonly policy: unknown; readonly hooks: RouteHooks } | null {
  const policy: unknown = structuredClone(
    feature.compile(parseValues(feature, texts), sampleContext().context),
  );
  if (policy === null) return null;
  return { policy, hooks: feature.prepare?.(policy, { path: '/', pathKind: 'prefix' }) ?? {} };
}
