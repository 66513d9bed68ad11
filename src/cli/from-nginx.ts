// `--from ingress-nginx`: objects that were written for ingress-nginx are read as ours, by the flags that would take over its class.
import type { FlagTable, WrittenFlags } from '../config/index.ts';
import type { IngressClass } from '../kube/index.ts';
import type { ManifestFlags, ReadObjects } from './manifest-input.ts';

export const fromFlags = {
  from: {
    type: 'choice',
    section: 'Objects',
    choices: ['sallyport', 'ingress-nginx'],
    default: 'sallyport',
    doc: 'Whom the objects were written for. ingress-nginx: its class counts as ours (--controller-class k8s.io/ingress-nginx, --ingress-class nginx, --no-watch-ingress-without-class), unless these flags say otherwise; if the IngressClass is not there, it is assumed. --configmap names its ConfigMap.',
  },
} as const satisfies FlagTable;

const place = '--from ingress-nginx';

/** The flags that it stands for; what is written on the command line goes before them. */
export function flagsOfFrom(written: WrittenFlags): WrittenFlags {
  if (written.get('from')?.texts.at(-1) !== 'ingress-nginx') return new Map();
  return new Map([
    ['controller-class', { texts: ['k8s.io/ingress-nginx'], place }],
    ['ingress-class', { texts: ['nginx'], place }],
    ['watch-ingress-without-class', { texts: ['false'], place }],
  ]);
}

/** The objects, with the IngressClass that the flags name where it was not among them: `kubectl get ingress` leaves it out. */
export function assumeClass(read: ReadObjects, flags: ManifestFlags): ReadObjects {
  const name = flags['ingress-class'];
  const isThere = read.changes.some(
    (change) =>
      change.kind === 'set' &&
      change.object.kind === 'IngressClass' &&
      (change.object.metadata.name === name || change.object.spec?.controller === flags['controller-class']),
  );
  if (isThere) return read;
  const assumed: IngressClass = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name },
    spec: { controller: flags['controller-class'] },
  };
  return { ...read, changes: [...read.changes, { kind: 'set', object: assumed }] };
}
