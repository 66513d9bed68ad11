// What is written to the API server and what is heard from it, as metric families for /metrics.
import type { WebhookCounts } from '../controller/index.ts';
import type { MetricFamilySnapshot, MetricsSnapshot } from '../observe/metrics-snapshot.ts';
import type { ControlPlaneCounts } from './control-plane.ts';
import { counter, counterByResult, gauge } from './metric-families.ts';

/** Contact with the API server, as the source of objects sees it. */
export interface ApiContact {
  /** Everything is being watched, or was until half a minute ago at most. */
  readonly isInContact: boolean;
  /** Since the epoch, seconds; 0: never. */
  readonly lastContactSeconds: number;
  readonly relists: number;
  readonly watchErrors: number;
}

/** `contact` null: the API server is in this process. `webhook` null: there is none. `leaseName` empty: there is no election. */
export function snapshotControlPlane(
  { isLeading, events, status }: ControlPlaneCounts,
  contact: ApiContact | null,
  webhook: WebhookCounts | null = null,
  leaseName = '',
): MetricsSnapshot {
  const { waiting, ...writes } = status;
  const single = (name: string, help: string, value: number): MetricFamilySnapshot =>
    gauge(name, help, [], [[[], value]]);
  const families = [
    single('sallyport_leader', 'Whether this replica writes status and Events.', isLeading ? 1 : 0),
    counterByResult('sallyport_events_total', 'Events of objects, by what became of them.', { ...events }),
    counterByResult(
      'sallyport_status_writes_total',
      'Writes of the status of Ingresses, by what became of them.',
      writes,
    ),
    single('sallyport_status_writes_waiting', 'Ingresses whose status is to be looked at.', waiting),
  ];
  if (leaseName !== '') {
    families.push(
      gauge(
        'nginx_ingress_controller_leader_election_status',
        'Whether this replica leads, by the name of the Lease.',
        ['name'],
        [[[leaseName], isLeading ? 1 : 0]],
      ),
    );
  }
  if (contact !== null) {
    families.push(
      single(
        'sallyport_api_server_connected',
        'Whether the API server answers.',
        contact.isInContact ? 1 : 0,
      ),
      single(
        'sallyport_api_server_last_contact_timestamp_seconds',
        'When the API server was last heard of.',
        contact.lastContactSeconds,
      ),
      counter('sallyport_api_server_relists_total', 'Complete lists after the first one.', contact.relists),
      counter(
        'sallyport_api_server_watch_errors_total',
        'Lists and watches that failed.',
        contact.watchErrors,
      ),
    );
  }
  if (webhook !== null) {
    const help = 'Reviews of the admission webhook, by what became of them.';
    families.push(counterByResult('sallyport_admission_reviews_total', help, { ...webhook }));
  }
  return { routes: [], removed: [], families };
}
