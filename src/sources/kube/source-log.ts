// What a source tells operators about its contact with the API server: that it is lost and that it is back, rarely enough to
// be read.

/** The part of a logger that sources need: fields, then a fixed sentence. */
export interface SourceLog {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
}

/** One attempt's outcome. */
export interface Contact {
  readonly resource: string;
  /** Null: there is contact. */
  readonly reason: string | null;
  /** Of a refusal; 0: there was no answer. */
  readonly status: number;
}

const lostMessage = 'contact with the API server is lost; what is known stays in force until it is back';
const unreachedMessage =
  'the API server cannot be reached; tried again until it can, and nothing is served before';
const refusedMessage =
  'the API server does not let this program read what it needs; what is known stays in force until it does';
/** Who we are, or what we ask for, is not accepted. */
const refusals: ReadonlySet<number> = new Set([401, 403, 404]);

/** Between two lines about lost contact. */
const quietMs = 30_000;

export class ContactLog {
  readonly #log: SourceLog;
  readonly #nowMs: () => number;
  /** Who has no contact. */
  readonly #troubled = new Set<object>();
  #lostMs = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  /** True: the last line said that contact is lost. */
  #isToldLost = false;
  #hadContact = false;

  constructor(log: SourceLog, nowMs: () => number) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  tell(who: object, { resource, reason, status }: Contact): void {
    if (reason === null) {
      this.#hadContact = true;
      this.forget(who);
      return;
    }
    const nowMs = this.#nowMs();
    if (this.#troubled.size === 0) this.#lostMs = nowMs;
    this.#troubled.add(who);
    if (this.#isToldLost || nowMs - this.#toldMs < quietMs) return;
    this.#toldMs = nowMs;
    this.#isToldLost = true;
    const message = this.#hadContact ? lostMessage : unreachedMessage;
    this.#log.warn({ resource, reason }, refusals.has(status) ? refusedMessage : message);
  }

  /** Whoever has no contact now is being stopped, and nothing is to be told of it. */
  stop(): void {
    this.#troubled.clear();
    this.#isToldLost = false;
  }

  /** It has contact, or is no longer there. */
  forget(who: object): void {
    if (!this.#troubled.delete(who) || this.#troubled.size > 0 || !this.#isToldLost) return;
    this.#isToldLost = false;
    const seconds = Math.round((this.#nowMs() - this.#lostMs) / 1_000);
    this.#log.info({ seconds }, 'contact with the API server is back');
  }
}
