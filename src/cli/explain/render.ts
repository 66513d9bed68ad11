// What `explain` found out, for people and for programs.
import { type Report, renderReport } from '../../controller/index.ts';
import type { FileLocation } from '../../sources/index.ts';
import { renderObjectRef } from '../../model/index.ts';
import { escapeUnprintable, escapeUnprintableJson } from '../../std/printable.ts';
import { renderExplanation } from '../../table/index.ts';
import { jsonOfReport } from '../check/render-json.ts';
import type { Decision, OwnAnswer } from '../decide-request.ts';
import type { ListedRequest } from '../request-list/index.ts';
import type { Cause } from './cause.ts';
import { describeChoice } from './choice.ts';
import type { Origin } from './origins.ts';

/** The decision, and what the objects say of the Ingress that won. */
export interface Answer {
  readonly decision: Decision;
  /** The proxy's own; null: an endpoint answers, if what is open lets the client come. */
  readonly answer: OwnAnswer | null;
  readonly cause: Cause | null;
  /** Where the winning rule is written. */
  readonly location: FileLocation | null;
  readonly origins: readonly (Origin & { readonly location: FileLocation | null })[];
  /** What is wrong with the winning Ingress; without one, the Ingresses that are not served. */
  readonly problems: readonly Report[];
  /** Of other Ingresses: rules of the host that are not served. */
  readonly leftOut: readonly Report[];
  /** The line of the log that was asked about. */
  readonly logged: ListedRequest | null;
  /** The table of a running instance; null: decided on objects alone. */
  readonly served: ServedTable | null;
}

export interface ServedTable {
  readonly version: number;
}

const sideText: Readonly<Record<NonNullable<Decision['canary']>['side'], string>> = {
  main: 'main',
  canary: 'canary',
  drawn: 'main or canary, drawn for each request',
};

export function renderText(told: Answer): string {
  const { decision, answer, location, problems, leftOut } = told;
  const { explanation, canary, sentTarget } = decision;
  const lines = [
    ...renderServed(told),
    ...renderLogged(told),
    ...(explanation === null ? [] : [renderExplanation(explanation)]),
  ];
  if (location !== null) lines.push(escapeUnprintable(`source    ${location.file}:${location.line}`));
  lines.push(...renderFeatures(told), ...renderAccess(told));
  if (canary !== null) lines.push(`side      ${sideText[canary.side]}: ${canary.why}`);
  const choice = explanation === null || answer !== null ? null : describeChoice(explanation);
  if (choice !== null) lines.push(escapeUnprintable(`chooses   ${choice}`));
  if (sentTarget !== null && answer === null && explanation !== null)
    lines.push(`sends     ${explanation.request.method} ${sentTarget}`);
  if (answer !== null) {
    const target = answer.location === null ? '' : ` to ${answer.location}`;
    lines.push(`answer    ${answer.status}${target}, by the proxy itself: ${answer.reason}`);
  }
  lines.push(...renderCause(told));
  if (problems.length > 0)
    lines.push(problemsTitle(problems), ...problems.map((report) => `  ${renderReport(report)}`));
  if (leftOut.length > 0)
    lines.push(
      'rules of this host that are not served',
      ...leftOut.map((report) => `  ${renderReport(report)}`),
    );
  return `${lines.join('\n')}\n`;
}

function renderServed({ served }: Answer): string[] {
  return served === null
    ? []
    : [`serving   table version ${served.version}; endpoints as the table has them, not as their health is`];
}

function renderLogged({ logged }: Answer): string[] {
  if (logged === null) return [];
  const { line, status, route, reason } = logged;
  const facts = [
    status === 0 ? '' : `answered ${status}`,
    route === '' ? '' : `by ${route}`,
    reason === '' ? '' : `because of ${reason}`,
  ].filter((fact) => fact !== '');
  return [
    escapeUnprintable(
      `logged    line ${line}${facts.length === 0 ? '' : `: ${facts.join(', ')}`}; what follows is decided now`,
    ),
  ];
}

function renderFeatures({ decision, origins }: Answer): string[] {
  const { features } = decision;
  const lines = features.length === 0 ? [] : ['features'];
  for (const { name, policy, effect } of features) {
    lines.push(`  ${name}: ${policy}${effect === '' ? '' : `; ${effect}`}`);
    for (const { feature, field, location } of origins) {
      if (feature !== name) continue;
      const place = location === null || location.line === 0 ? '' : ` (${location.file}:${location.line})`;
      lines.push(`    by ${field}${place}`);
    }
  }
  return lines.map(escapeUnprintable);
}

function renderAccess({ decision: { access } }: Answer): string[] {
  if (access === null || access.steps.length === 0) return [];
  const rows = access.steps.map(({ name, verdict, why }) =>
    verdict === 'depends on the client'
      ? `  ${name}: depends on the client: ${why}`
      : `  ${name}: ${verdict} ${why}`,
  );
  return ['access', ...rows].map(escapeUnprintable);
}

function renderCause({ cause, answer }: Answer): string[] {
  if (cause === null) return [];
  const { message, object, field, location } = cause;
  const place = location === null || location.line === 0 ? '' : ` (${location.file}:${location.line})`;
  // What the client did wrong is not to be mended in the object that says so.
  const isOurs = (answer?.status ?? 0) >= 500;
  const change =
    object === null
      ? []
      : [
          `${isOurs ? 'change   ' : 'by       '} ${renderObjectRef(object)}${field === '' ? '' : ` ${field}`}${place}`,
        ];
  return [`because   ${message}`, ...change].map(escapeUnprintable);
}

function problemsTitle([first]: readonly Report[]): string {
  return first?.code === 'ClassNotServed' ? 'Ingresses that are not served' : 'problems of this Ingress';
}

/** The machine's form: names stay, members may be added. */
export function renderJson(told: Answer): string {
  const { decision, answer, cause, location, origins, problems, leftOut, logged, served } = told;
  const { explanation, features, canary, sentTarget, access } = decision;
  const { namespace, ingress, service, servicePort } = explanation?.route.labels ?? {};
  const document = {
    served,
    request: explanation?.request ?? null,
    host: explanation?.host ?? null,
    candidates: explanation?.candidates ?? [],
    route: explanation?.route.id ?? null,
    via: explanation?.via ?? null,
    ingress: ingress === undefined || ingress === '' ? null : { namespace, name: ingress },
    source: location,
    service: service === undefined || service === '' ? null : { namespace, name: service, port: servicePort },
    backend: explanation?.backend ?? null,
    endpoints: explanation?.endpoints ?? [],
    tls: explanation?.tls ?? null,
    passthrough: explanation?.passthrough ?? null,
    features: features.map((feature) => ({
      ...feature,
      askedBy: origins
        .filter((origin) => origin.feature === feature.name)
        .map(({ field, location: at }) => ({ field, file: at?.file ?? null, line: at?.line ?? null })),
    })),
    access: access?.steps ?? [],
    choice: explanation === null || answer !== null ? null : describeChoice(explanation),
    canary:
      canary === null || explanation === null
        ? null
        : { ...explanation.route.canary, endpoints: explanation.canaryEndpoints ?? [], ...canary },
    sentTarget: answer === null ? sentTarget : null,
    answer,
    cause,
    logged,
    problems: problems.map(jsonOfReport),
    leftOut: leftOut.map(jsonOfReport),
  };
  return `${escapeUnprintableJson(JSON.stringify(document, null, 2))}\n`;
}
