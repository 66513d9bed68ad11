// Stapler: keeps an OCSP answer for each certificate of the table, if the settings want that. Lives in the primary, asks in the background,
// and hands what it has to the workers. No handshake waits for it; an answer serves until it ends, however many questions fail meanwhile.
import type { Certificate, CertificateId, RouteTable } from '../../model/index.ts';
import {
  readStatusResponse,
  readStatusSubject,
  renderStatusRequest,
  type Staple,
  type StatusSubject,
} from './certificate-status.ts';
import { FairQueue } from './fair-queue.ts';

/** For workers: what belongs to the certificate with this fingerprint (SHA-256, lower-case hex). Null: nothing any more. */
export interface StapleChange {
  readonly fingerprint: string;
  readonly der: Uint8Array | null;
}

export interface StaplerOptions {
  readonly ask: (url: URL, question: Buffer, options: { readonly allowsPrivate: boolean }) => Promise<Buffer>;
  readonly onChange: (changes: readonly StapleChange[]) => void;
  readonly onFailure: (certificate: CertificateId, url: string, why: string) => void;
  /** Since the epoch. */
  readonly nowMs: () => number;
  /** Calls once after a time; the result cancels. */
  readonly schedule: (run: () => void, delayMs: number) => () => void;
  /** 0 to 1, so that certificates do not ask all at once. */
  readonly random: () => number;
}

const firstRetryMs = 60_000;
const maxRetryMs = 3_600_000;
const maxRefreshMs = 24 * 3_600_000;
/** Questions under way at a time, of different namespaces: where they go, and how long they take, a tenant says. The others wait. */
const maxAsking = 4;

const none: RouteTable['certificates'] = new Map();

interface Entry {
  readonly certificate: Certificate;
  readonly subject: StatusSubject;
  staple: Staple | null;
  failures: number;
  cancel: () => void;
}

export class Stapler {
  readonly #options: StaplerOptions;
  readonly #entries = new Map<CertificateId, Entry>();
  /** By namespace. */
  readonly #questions = new FairQueue<Entry>(maxAsking);
  /** What the table had at the last look, to see what changed; those without a responder, too. */
  #certificates = none;
  #allowsPrivate = false;

  constructor(options: StaplerOptions) {
    this.#options = options;
  }

  /** To be called with every table. */
  update({ certificates, tls }: RouteTable): void {
    this.#allowsPrivate = tls.ocspResponders === 'any';
    const wanted = tls.ocspResponders === 'none' ? none : certificates;
    const before = this.#certificates;
    if (wanted === before) return;
    this.#certificates = wanted;
    for (const [id, entry] of this.#entries) {
      if (wanted.get(id) !== entry.certificate) this.#remove(id, entry);
    }
    for (const [id, certificate] of wanted) if (before.get(id) !== certificate) this.#add(id, certificate);
  }

  /** For a worker that starts. */
  present(): readonly StapleChange[] {
    return [...this.#entries.values()].flatMap(({ certificate, staple }) =>
      staple === null ? [] : [{ fingerprint: certificate.fingerprint, der: staple.der }],
    );
  }

  stop(): void {
    for (const entry of this.#entries.values()) entry.cancel();
    this.#entries.clear();
    this.#questions.clear();
  }

  #add(id: CertificateId, certificate: Certificate): void {
    const subject = readStatusSubject(certificate.chainPem);
    if (subject === null) return;
    const entry: Entry = { certificate, subject, staple: null, failures: 0, cancel: () => {} };
    this.#entries.set(id, entry);
    this.#enqueue(entry);
  }

  #remove(id: CertificateId, entry: Entry): void {
    entry.cancel();
    this.#questions.remove(namespaceOf(entry), entry);
    this.#entries.delete(id);
    if (entry.staple !== null) this.#tell(entry, null);
  }

  #enqueue(entry: Entry): void {
    this.#questions.add(namespaceOf(entry), entry);
    this.#askNext();
  }

  #askNext(): void {
    for (let next = this.#questions.begin(); next !== null; next = this.#questions.begin()) {
      const { owner, work } = next;
      void this.#ask(work).finally(() => {
        this.#questions.finish(owner);
        this.#askNext();
      });
    }
  }

  async #ask(entry: Entry): Promise<void> {
    const { ask, nowMs, onFailure } = this.#options;
    const { subject, certificate } = entry;
    let why = '';
    try {
      const answer = await ask(subject.url, renderStatusRequest(subject), {
        allowsPrivate: this.#allowsPrivate,
      });
      const reading = readStatusResponse(answer, subject, nowMs());
      if (!this.#isPresent(entry)) return;
      if (reading.ok) {
        entry.failures = 0;
        entry.staple = reading.staple;
        this.#tell(entry, reading.staple.der);
      } else why = reading.why;
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    if (!this.#isPresent(entry)) return;
    if (why !== '') {
      entry.failures += 1;
      onFailure(certificate.id, subject.url.href, why);
    }
    this.#plan(entry);
  }

  /** Half way through an answer's life the next one is asked for; after a failure later and later, but the end of what is there is met. */
  #plan(entry: Entry): void {
    const { nowMs, random, schedule } = this.#options;
    const now = nowMs();
    const { staple, failures } = entry;
    const jitter = 0.9 + random() * 0.2;
    let delayMs = Math.min(firstRetryMs * 2 ** Math.max(0, failures - 1), maxRetryMs) * jitter;
    if (failures === 0 && staple !== null) {
      delayMs = Math.min(Math.max((staple.nextUpdateMs - now) / 2, firstRetryMs), maxRefreshMs) * jitter;
    }
    if (staple !== null) delayMs = Math.min(delayMs, Math.max(0, staple.nextUpdateMs - now));
    entry.cancel = schedule(() => this.#wake(entry), delayMs);
  }

  #wake(entry: Entry): void {
    const { staple } = entry;
    if (staple !== null && staple.nextUpdateMs <= this.#options.nowMs()) {
      entry.staple = null;
      this.#tell(entry, null);
    }
    this.#enqueue(entry);
  }

  #isPresent(entry: Entry): boolean {
    return this.#entries.get(entry.certificate.id) === entry;
  }

  #tell({ certificate }: Entry, der: Buffer | null): void {
    this.#options.onChange([{ fingerprint: certificate.fingerprint, der }]);
  }
}

function namespaceOf({ certificate: { id } }: Entry): string {
  return id.slice(0, id.indexOf('/'));
}
