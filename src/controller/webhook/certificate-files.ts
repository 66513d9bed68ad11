// CertificateFiles: the certificate and key of the webhook, read again when they change. Folders are watched because a Secret
// volume swaps a link beside the files, and the files are looked at now and then as well because not every file system tells. A new
// pair that is not usable changes nothing but the log.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { ControllerLog } from '../problem-log.ts';

export interface CertificatePair {
  /** PEM, the leaf first. */
  readonly cert: string;
  readonly key: string;
}

export interface CertificateFilesOptions {
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly log: ControllerLog;
  /** Told each new pair, not the first. */
  readonly onChange: (pair: CertificatePair) => void;
  readonly timing?: Partial<CertificateTiming>;
}

/** Milliseconds. */
export interface CertificateTiming {
  /** Between two looks without a reason. Default 30,000. */
  readonly pollMs: number;
  /** From an event to the look, so that both files are there. Default 200. */
  readonly settleMs: number;
}

const defaultTiming: CertificateTiming = { pollMs: 30_000, settleMs: 200 };

export class CertificateFiles {
  readonly #options: CertificateFilesOptions;
  readonly #timing: CertificateTiming;
  readonly #watchers: FSWatcher[] = [];
  /** What was read last, good or not: each content is judged once. */
  #read: CertificatePair | null = null;
  /** Why the files could not be read at the last look; '' when they could. */
  #trouble = '';
  #settleTimer: NodeJS.Timeout | null = null;
  #pollTimer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #isStopped = false;

  constructor(options: CertificateFilesOptions) {
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
  }

  /** The first pair. @throws {Error} it cannot be read or is not usable, with both names. */
  async start(): Promise<CertificatePair> {
    const { certificatePath, keyPath } = this.#options;
    // Watched before they are read: no change falls in between.
    for (const folder of new Set([dirname(certificatePath), dirname(keyPath)])) this.#watch(folder);
    try {
      const pair = await this.#readPair();
      this.#read = pair;
      checkPair(pair);
      this.#pollTimer = setInterval(() => void this.look(), this.#timing.pollMs).unref();
      return pair;
    } catch (error) {
      this.stop();
      const reason = messageOf(error);
      throw new Error(
        `cannot use the webhook's certificate "${certificatePath}" with key "${keyPath}": ${reason}`,
        { cause: error },
      );
    }
  }

  stop(): void {
    this.#isStopped = true;
    for (const watcher of this.#watchers) watcher.close();
    if (this.#pollTimer !== null) clearInterval(this.#pollTimer);
    if (this.#settleTimer !== null) clearTimeout(this.#settleTimer);
  }

  /** Reads the files now. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    const { log, onChange, certificatePath } = this.#options;
    const kept = 'the one before stays in use';
    let pair: CertificatePair;
    try {
      pair = await this.#readPair();
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== this.#trouble)
        log.error({ reason }, `the webhook's certificate cannot be read, ${kept}`);
      this.#trouble = reason;
      return;
    }
    this.#trouble = '';
    if (this.#isStopped || (pair.cert === this.#read?.cert && pair.key === this.#read.key)) return;
    this.#read = pair;
    try {
      const notAfter = checkPair(pair);
      onChange(pair);
      log.info({ file: certificatePath, notAfter }, 'the webhook has a new certificate');
    } catch (error) {
      log.error(
        { file: certificatePath, reason: messageOf(error) },
        `the webhook's new certificate is not usable, ${kept}`,
      );
    }
  }

  async #readPair(): Promise<CertificatePair> {
    const { certificatePath, keyPath } = this.#options;
    const [cert, key] = await Promise.all([readFile(certificatePath, 'utf8'), readFile(keyPath, 'utf8')]);
    return { cert, key };
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#settle());
      // The folder went, or the system has no more watches: the looks without a reason go on.
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // As above; a folder that is not there is told by the reading.
    }
  }

  #settle(): void {
    // Events do not put the look off: a folder where much else happens would never be looked at.
    if (this.#isStopped || this.#settleTimer !== null) return;
    this.#settleTimer = setTimeout(() => {
      this.#settleTimer = null;
      void this.look();
    }, this.#timing.settleMs).unref();
  }
}

/** The end of the leaf's time. @throws {Error} what is wrong with the pair; never a part of the key. */
function checkPair({ cert, key }: CertificatePair): string {
  const leaf = new X509Certificate(cert);
  if (!leaf.checkPrivateKey(createPrivateKey(key)))
    throw new Error('key and certificate do not belong together');
  createSecureContext({ cert, key });
  return leaf.validToDate.toISOString();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
