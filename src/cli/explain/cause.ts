// Why the proxy answers an error itself, in one sentence, and which object and field would have to change. What the translation found wrong
// with the Ingress that won goes before what the reason of the answer says in general.
import type { Report } from '../../controller/index.ts';
import type { FileLocation } from '../../sources/index.ts';
import type { OwnAnswer } from '../decide-request.ts';
import type { Explanation } from '../../table/index.ts';

export interface Cause {
  /** Without a final period. */
  readonly message: string;
  readonly object: Report['object'];
  readonly field: string;
  readonly location: FileLocation | null;
}

export interface CauseInputs {
  readonly answer: OwnAnswer;
  readonly explanation: Explanation | null;
  /** Of the winning Ingress. */
  readonly problems: readonly Report[];
  /** Field of the winning rule; empty: there is none. */
  readonly ruleField: string;
  readonly ingress: Report['object'];
  /** Annotations of the features that act, as fields of the Ingress, by the feature's name. */
  readonly askedBy: ReadonlyMap<string, string>;
}

/** Reasons that a feature gives, with its name. */
const featureOfReason: Readonly<Record<string, string>> = {
  'body-too-large': 'body-size',
  'rewritten-path-invalid': 'rewrite',
  'source-range': 'source-ranges',
  'password-wanted': 'passwords',
  'password-secret': 'passwords',
};

const texts: Readonly<Record<string, string>> = {
  'method-refused': 'the proxy passes neither CONNECT nor TRACE on',
  misdirected:
    'the Host is served under another TLS policy than the name in the handshake; the client has to open a connection for this host',
  'ambiguous-path': 'an endpoint that decodes more of the path would read one that another rule takes',
  'body-too-large': 'the body is larger than the route allows',
  'rewritten-path-invalid': 'what the path is rewritten to is no path in its plain form',
  'source-range': "the client's address is not one that the route admits",
  'password-wanted': 'the route asks for a user and a password, and the request says none',
  'password-secret': 'the Secret with the users is not there or cannot be read',
  'unsupported-backend': 'the backend is not a Service with a port',
  'annotation-denied': 'an annotation that protects cannot be applied, so nothing of the Ingress is served',
};

/** Null: nothing more is known than the reason. */
export function textOfReason(reason: string): string | null {
  return Object.hasOwn(texts, reason) ? (texts[reason] ?? null) : null;
}

const backendReasons: ReadonlySet<string> = new Set(['no-endpoint', 'unsupported-backend']);

/** Null: the answer is no error, or nothing more is known than its reason. */
export function findCause(inputs: CauseInputs): Cause | null {
  const { answer, explanation, problems, ruleField, ingress, askedBy } = inputs;
  if (answer.status < 400) return null;
  const report = findProblem(inputs, problems);
  if (report !== undefined) {
    const { message, object, field, location } = report;
    return { message, object, field, location };
  }
  if (answer.reason.startsWith('path-'))
    return {
      message: `no path may be written so (${answer.reason})`,
      object: null,
      field: '',
      location: null,
    };
  if (answer.reason === 'no-route' && explanation !== null) return causeOfNoRoute(explanation);
  if (answer.reason === 'no-endpoint' && explanation !== null) {
    const { upstream } = explanation;
    const message =
      upstream?.target.kind === 'unavailable'
        ? upstream.target.reason
        : `no endpoint of ${upstream?.id ?? 'the backend'} is ready`;
    return { message, object: ingress, field: ruleField, location: null };
  }
  const message = texts[answer.reason];
  if (message === undefined) return null;
  const field = askedBy.get(featureOfReason[answer.reason] ?? '') ?? '';
  return { message, object: field === '' ? null : ingress, field, location: null };
}

/** The first error of the Ingress that is about what failed. */
function findProblem({ answer, ruleField }: CauseInputs, problems: readonly Report[]): Report | undefined {
  if (answer.reason === 'annotation-denied')
    return problems.find(
      ({ severity, field }) => severity === 'error' && field.startsWith('metadata.annotations'),
    );
  if (answer.reason === 'password-secret')
    return problems.find(({ code }) => code === 'CredentialsInvalid' || code === 'SecretNotFound');
  if (!backendReasons.has(answer.reason) || ruleField === '') return undefined;
  return problems.find(
    ({ field }) => field.startsWith(`${ruleField}.backend`) || field.startsWith(`${ruleField}.service`),
  );
}

function causeOfNoRoute({ candidates, host, request }: Explanation): Cause {
  const name = request.host === '' ? 'requests without a host' : `host "${request.host}"`;
  const pattern = host.pattern === '' ? 'all hosts' : `"${host.pattern}"`;
  const message =
    host.tier === 'none'
      ? `no Ingress that is served has a rule for ${name}, and there is no default backend`
      : candidates.length === 0
        ? `no rule for ${pattern} is served, and there is no default backend`
        : `none of the ${candidates.length} rules for ${pattern} takes the path "${request.path}", and there is no default backend`;
  return { message, object: null, field: '', location: null };
}
