// What the control plane measures, as metric families for /metrics. Names that ingress-nginx has keep its names, so that its
// dashboards work; the others begin with `sallyport_`.
import type { ControllerCounts } from '../controller/index.ts';
import type { RouteTable } from '../model/index.ts';
import type { MetricsSnapshot } from '../observe/metrics-snapshot.ts';
import { certificateFamilies } from './certificate-metrics.ts';
import { counter, gauge } from './metric-families.ts';
import { orphanFamily } from './orphan-metrics.ts';

/** The control plane's own snapshot; `table` null: nothing was translated yet. */
export function snapshotController(
  counts: ControllerCounts,
  table: RouteTable | null,
  version: string,
  controllerClass: string,
): MetricsSnapshot {
  const seconds = (ms: number): number => ms / 1_000;
  return {
    routes: [],
    removed: [],
    families: [
      gauge(
        'sallyport_build_info',
        'Version of Sallyport and its runtime.',
        ['version', 'node'],
        [[[version, process.versions.node], 1]],
      ),
      gauge(
        'sallyport_objects',
        'Objects in force, by kind.',
        ['kind'],
        [...[...counts.objectsByKind].map(([kind, number]) => [[kind], number] as const)],
      ),
      gauge(
        'sallyport_problems',
        'What is wrong with the objects now, by severity.',
        ['severity'],
        [
          ...Object.entries(counts.problemsBySeverity).map(
            ([severity, number]) => [[severity], number] as const,
          ),
        ],
      ),
      gauge(
        'sallyport_published_table_version',
        'Number of published changes of the routing table.',
        [],
        [[[], counts.tableVersion]],
      ),
      counter('sallyport_translations_total', 'Translations of objects into a table.', counts.translations),
      counter('sallyport_translation_errors_total', 'Translations that failed.', counts.translationErrors),
      counter(
        'sallyport_translation_seconds_total',
        'Time spent translating.',
        seconds(counts.totalTranslateMs),
      ),
      gauge(
        'nginx_ingress_controller_config_last_reload_successful',
        'Whether a table could be made; a bad object harms only itself.',
        [],
        [[[], counts.lastSuccessMs > 0 ? 1 : 0]],
      ),
      gauge(
        'nginx_ingress_controller_config_last_reload_successful_timestamp_seconds',
        'When a change was last translated.',
        [],
        [[[], seconds(counts.lastSuccessMs)]],
      ),
      gauge(
        'nginx_ingress_controller_config_hash',
        'Number of the table in force; another one after each change.',
        [],
        [[[], counts.tableVersion]],
      ),
      counter('nginx_ingress_controller_success', 'Changes that were taken.', counts.translations),
      counter('nginx_ingress_controller_errors', 'Changes that were not taken.', counts.translationErrors),
      gauge(
        'nginx_ingress_controller_build_info',
        'Version of the program that stands in for ingress-nginx.',
        ['release', 'build', 'repository'],
        [[[version, '', 'sallyport'], 1]],
      ),
      ...certificateFamilies(table, controllerClass),
      orphanFamily(table),
    ],
  };
}
