// What is written to the API server and what is heard from it, as metric families for /metrics.
import type { WebhookCounts } from '../controller/index.ts';
import type { MetricFamilySnapshot, MetricsSnapshot } from '../observe/metrics-snapshot.ts';
import type { ControlPlaneCounts } from './control-plane.ts';

/** Contact with the API server, as the source of objects sees it. */
export interface ApiContact {
  /** Everything is being watched, or was until half a minute ago at most. */
  readonly isInContact: boolean;
  /** Since the epoch, seconds; 0: never. */
  readonly lastContactSeconds: number;
  readonly relists: number;
  readonly watchErrors: number;
}

function family(
  kind: 'counter' | 'gauge',
  name: string,
  help: string,
  cells: readonly (readonly [labels: readonly string[], value: number])[],
  labelNames: readonly string[] = [],
): MetricFamilySnapshot {
  return {
    kind,
    name,
    help,
    labelNames,
    merge: kind === 'counter' ? 'sum' : 'max',
    cells: cells.map(([labelValues, value]) => ({ labelValues, value })),
  };
}

export function snapshotControlPlane(
  { isLeading, events, status }: ControlPlaneCounts,
  contact: ApiContact | null,
  webhook: WebhookCounts | null = null,
): MetricsSnapshot {
  const families = [
    family('gauge', 'sallyport_leader', 'Whether this replica writes status and Events.', [
      [[], isLeading ? 1 : 0],
    ]),
    family(
      'counter',
      'sallyport_events_total',
      'Events of objects, by what became of them.',
      [
        [['written'], events.written],
        [['dropped'], events.dropped],
        [['failed'], events.failed],
      ],
      ['result'],
    ),
    family(
      'counter',
      'sallyport_status_writes_total',
      'Writes of the status of Ingresses, by what became of them.',
      [
        [['written'], status.written],
        [['failed'], status.failed],
      ],
      ['result'],
    ),
    family('gauge', 'sallyport_status_writes_waiting', 'Ingresses whose status is to be looked at.', [
      [[], status.waiting],
    ]),
  ];
  if (contact !== null) {
    families.push(
      family(
        'gauge',
        'sallyport_api_server_connected',
        'Whether the API server is being followed, or was until half a minute ago.',
        [[[], contact.isInContact ? 1 : 0]],
      ),
      family(
        'gauge',
        'sallyport_api_server_last_contact_timestamp_seconds',
        'When the API server was last heard of.',
        [[[], contact.lastContactSeconds]],
      ),
      family('counter', 'sallyport_api_server_relists_total', 'Complete lists after the first one.', [
        [[], contact.relists],
      ]),
      family('counter', 'sallyport_api_server_watch_errors_total', 'Lists and watches that failed.', [
        [[], contact.watchErrors],
      ]),
    );
  }
  if (webhook !== null) {
    families.push(
      family(
        'counter',
        'sallyport_admission_reviews_total',
        'Reviews of the admission webhook, by what became of them.',
        [
          [['allowed'], webhook.allowed],
          [['refused'], webhook.refused],
          [['failed'], webhook.failed],
        ],
        ['result'],
      ),
    );
  }
  return { routes: [], removed: [], families };
}
