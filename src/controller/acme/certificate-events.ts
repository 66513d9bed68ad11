// CertificateEvents: tells the Ingresses of a certificate what becomes of it, by Event and log.
import type { Ingress } from '../../kube/index.ts';
import type { EventTarget, EventText } from '../events/index.ts';
import type { ControllerLog } from '../problem-log.ts';

export interface CertificateEventsOptions {
  readonly record: (target: EventTarget, text: EventText) => void;
  readonly log: ControllerLog;
}

const maxRefusals = 10_000;

export class CertificateEvents {
  readonly #options: CertificateEventsOptions;
  readonly #toldRefusals = new Set<string>();

  constructor(options: CertificateEventsOptions) {
    this.#options = options;
  }

  tell(ingresses: readonly Ingress[], type: EventText['type'], reason: string, message: string): void {
    const { record, log } = this.#options;
    for (const { apiVersion, metadata } of ingresses) {
      const { namespace = '', name, uid = '', resourceVersion = '' } = metadata;
      const ref = { kind: 'Ingress', namespace, name };
      record({ ref, apiVersion, uid, resourceVersion }, { type, reason, message });
      log[type === 'Warning' ? 'warn' : 'info']({ ingress: `${namespace}/${name}` }, message);
    }
  }

  /** That no certificate is ordered; again when it is for another reason. */
  tellOnce(ingresses: readonly Ingress[], message: string): void {
    for (const ingress of ingresses) {
      const key = `${ingress.metadata.uid ?? ''} ${message}`;
      if (this.#toldRefusals.has(key)) continue;
      if (this.#toldRefusals.size > maxRefusals) this.#toldRefusals.clear();
      this.#toldRefusals.add(key);
      this.tell([ingress], 'Warning', 'CertificateFailed', message);
    }
  }
}
