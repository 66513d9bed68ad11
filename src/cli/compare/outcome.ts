// What becomes of a request, as far as a client or an endpoint sees it, and in which ways two outcomes differ.

/** In the order in which they are told. */
export const differenceNames = [
  'route',
  'rewrite',
  'redirect',
  'answer',
  'authentication',
  'limits',
  'response',
  'settings',
  'conditions',
  'certificate',
] as const;

export type DifferenceName = (typeof differenceNames)[number];

/** Ways in which outcomes differ, one bit each; 0: none. */
export type Differences = number;

export function differenceBit(name: DifferenceName): Differences {
  return 1 << differenceNames.indexOf(name);
}

export function namesOf(differences: Differences): readonly DifferenceName[] {
  return differenceNames.filter((name) => (differences & differenceBit(name)) !== 0);
}

/** Filled again for each request. Numbers are fingerprints. */
export interface Outcome {
  /** The proxy's answer before a backend is looked at; 0: the backend's turn. */
  status: number;
  location: string;
  reason: string;
  target: number;
  /** The way leads to endpoints. */
  isServed: boolean;
  sentPath: string;
  authentication: number;
  limits: number;
  response: number;
  settings: number;
  /** Client certificates of the host. */
  gate: number;
  /** Of the features that asked for what a log does not say: fields of the request, the client's address. */
  conditions: number;
  /** Empty: plain HTTP, or the default certificate. */
  certificate: string;
}

export function emptyOutcome(): Outcome {
  return {
    status: 0,
    location: '',
    reason: '',
    target: 0,
    isServed: false,
    sentPath: '',
    authentication: 0,
    limits: 0,
    response: 0,
    settings: 0,
    gate: 0,
    conditions: 0,
    certificate: '',
  };
}

const bits = {
  route: differenceBit('route'),
  rewrite: differenceBit('rewrite'),
  redirect: differenceBit('redirect'),
  answer: differenceBit('answer'),
  authentication: differenceBit('authentication'),
  limits: differenceBit('limits'),
  response: differenceBit('response'),
  settings: differenceBit('settings'),
  conditions: differenceBit('conditions'),
  certificate: differenceBit('certificate'),
} as const;

export function compareOutcomes(a: Outcome, b: Outcome): Differences {
  let found = a.certificate === b.certificate ? 0 : bits.certificate;
  if (a.gate !== b.gate) found |= bits.authentication;
  if (a.conditions !== b.conditions) found |= bits.conditions;
  if (a.response !== b.response) found |= bits.response;
  if (a.status !== 0 || b.status !== 0) {
    if (a.status === b.status && a.location === b.location) return found;
    return found | (a.location === '' && b.location === '' ? bits.answer : bits.redirect);
  }
  if (a.target !== b.target) found |= bothAnswer(a, b) ? bits.answer : bits.route;
  if (!a.isServed || !b.isServed) return found;
  if (a.sentPath !== b.sentPath) found |= bits.rewrite;
  if (a.authentication !== b.authentication) found |= bits.authentication;
  if (a.limits !== b.limits) found |= bits.limits;
  if (a.settings !== b.settings) found |= bits.settings;
  return found;
}

/** The rules of both sides have the proxy answer, and nothing is passed through. */
function bothAnswer(a: Outcome, b: Outcome): boolean {
  return !a.isServed && !b.isServed && a.target >= 0 && b.target >= 0;
}
