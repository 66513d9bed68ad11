// The admin listener of `sallyport up`: health, readiness, metrics, and the table for a person who wonders.
import type { Controller } from '../controller/index.ts';
import { features } from '../features/index.ts';
import type { RouteTable } from '../model/index.ts';
import {
  type AdminResponse,
  type AdminRoute,
  type AdminServer,
  startAdminServer,
} from '../observe/admin-server.ts';
import type { MetricsSnapshot } from '../observe/metrics-snapshot.ts';
import { expositionContentType } from '../observe/exposition.ts';
import type { Logger } from '../observe/logger.ts';
import type { Supervisor } from '../proxy/supervisor.ts';
import { printTable } from '../table/index.ts';
import { debugPrefix } from '../config/index.ts';
import type { AdminGate } from './admin-token.ts';
import { snapshotController } from './controller-metrics.ts';
import { answerExplain, answerRequest } from './debug-explain.ts';
import { readVersion } from './version.ts';

export interface AdminParts {
  readonly address: string;
  /** 0: a free one. */
  readonly port: number;
  readonly logger: Logger;
  readonly isReady: () => boolean;
  readonly controller: Controller;
  readonly supervisor: Supervisor;
  /** What is served now; null before the first load. */
  readonly table: () => RouteTable | null;
  /** Besides those of the controller. */
  readonly moreMetrics?: () => readonly MetricsSnapshot[];
  /** Labels of all metrics that have the names of ingress-nginx. */
  readonly controllerClass: string;
  readonly pod: { readonly namespace: string; readonly name: string };
  /** A further path that answers as /healthz does. */
  readonly healthPath?: string;
  /** Of the annotations of ingress-nginx. */
  readonly annotationsPrefix: string;
  /** Who may see what is below /debug/. */
  readonly gate: AdminGate;
}

const index = `Sallyport ${readVersion()}

/healthz      200 while the process lives
/readyz       200 when every worker holds the first complete table, 503 before and while draining
/metrics      Prometheus metrics
/debug/table  the routing table, without keys
/debug/explain?url=URL  what happens to a request, as "sallyport explain" says it; output=json for programs
/debug/requests/ID  what happened to one of the last requests

What is below /debug/ wants the admin token: Authorization: Bearer TOKEN
`;

function text(body: string, status = 200): AdminResponse {
  return { status, body };
}

async function renderMetrics(parts: AdminParts): Promise<AdminResponse> {
  const { controller, supervisor, table, moreMetrics, controllerClass } = parts;
  const snapshots = [
    snapshotController(controller.counts(), table(), readVersion(), controllerClass),
    ...(moreMetrics?.() ?? []),
  ];
  return {
    status: 200,
    body: await supervisor.collectMetrics(snapshots, {
      constantLabels: [
        ['controller_namespace', parts.pod.namespace],
        ['controller_class', controllerClass],
        ['controller_pod', parts.pod.name],
      ],
    }),
    contentType: expositionContentType,
  };
}

function describePolicy(name: string, policy: unknown): string {
  return features.find((feature) => feature.name === name)?.describe(policy) ?? name;
}

/** Listens. Rejects with the system's error when the port cannot be had. */
export function startAdmin(parts: AdminParts): Promise<AdminServer> {
  const { controller, supervisor, annotationsPrefix } = parts;
  const explainParts = {
    controller,
    published: () => supervisor.table,
    annotationsPrefix,
    findRequest: (id: string) => supervisor.findRequest(id),
  };
  const routes = new Map<string, AdminRoute>([
    ['/', () => text(index)],
    [parts.healthPath ?? '/healthz', () => text('ok\n')],
    ['/healthz', () => text('ok\n')],
    ['/readyz', () => (parts.isReady() ? text('ready\n') : text('not ready\n', 503))],
    ['/metrics', () => renderMetrics(parts)],
    ['/debug/explain', (request) => answerExplain(explainParts, request)],
    ['/debug/requests/*', (request) => answerRequest(explainParts, request)],
    [
      '/debug/table',
      () => {
        const table = parts.table();
        return text(table === null ? '' : printTable(table, { describePolicy }));
      },
    ],
  ]);
  const { address, port, logger, gate } = parts;
  return startAdminServer({
    address,
    port,
    routes,
    logger,
    guarded: { below: debugPrefix, admits: gate.admits },
  });
}
