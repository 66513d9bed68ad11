// One certificate per TLS Secret that an Ingress of ours names. Remembers the last good certificate of a Secret for as long as
// something names it: a broken renewal, or a Secret deleted by mistake, takes no host down.
import type { Secret } from '../kube/index.ts';
import type { Certificate, CertificateId, ObjectKey, ProblemCode, ProblemSeverity } from '../model/index.ts';
import {
  certificateDataOf,
  parseCertificate,
  type CertificateData,
  type CertificateResult,
} from './certificates.ts';
import type { TableDraft } from './table-draft.ts';
import { isDeepStrictEqual } from 'node:util';

/** What is wrong with a Secret, for those that name it. */
export interface SecretIssue {
  readonly code: ProblemCode;
  readonly severity: ProblemSeverity;
  readonly message: string;
}

/** Ingresses whose hosts, and whose problems, depend on what changed. */
export interface CertificateChanges {
  readonly forHosts: ReadonlySet<ObjectKey>;
  readonly forProblems: ReadonlySet<ObjectKey>;
}

export interface CertificatePreview {
  /** What would be in force. */
  readonly certificate: Certificate | null;
  readonly issues: readonly SecretIssue[];
}

interface CertificateRecord {
  readonly id: CertificateId;
  /** Ingresses that name the Secret. */
  readonly users: Set<ObjectKey>;
  /** Hosts that serve it. */
  hostCount: number;
  data: CertificateData | null;
  parsed: CertificateResult | null;
  /** In force: the last one that was good. */
  certificate: Certificate | null;
  issues: readonly SecretIssue[];
}

export class CertificateUnits {
  readonly #secrets = new Map<CertificateId, Secret>();
  readonly #records = new Map<CertificateId, CertificateRecord>();
  /** The controller's default certificate, in the table whoever names it. */
  readonly #pinned: CertificateId | null;
  readonly #dirty = new Set<CertificateId>();
  readonly #moved = new Set<CertificateId>();
  /** No certificate's end lies between these two: at any time in between, what has expired stays the same. */
  #lastExpiredMs = Number.NEGATIVE_INFINITY;
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  /** Of Secrets that nobody names, for previews. */
  readonly #previews = new WeakMap<Secret, CertificateResult>();

  constructor(pinned: CertificateId | null) {
    this.#pinned = pinned;
    if (pinned !== null) this.#record(pinned);
  }

  setSecret(id: CertificateId, secret: Secret): void {
    this.#secrets.set(id, secret);
    this.#dirty.add(id);
  }

  removeSecret(id: CertificateId): void {
    this.#secrets.delete(id);
    this.#dirty.add(id);
  }

  addUser(id: CertificateId, user: ObjectKey): void {
    this.#record(id).users.add(user);
  }

  removeUser(id: CertificateId, user: ObjectKey): void {
    this.#records.get(id)?.users.delete(user);
    this.#moved.add(id);
  }

  countHost(id: CertificateId, by: 1 | -1): void {
    const record = this.#records.get(id);
    if (record !== undefined) record.hostCount += by;
    this.#moved.add(id);
  }

  /** What is in force for a Secret. */
  lookup(id: CertificateId): Certificate | null {
    return this.#records.get(id)?.certificate ?? null;
  }

  issuesOf(id: CertificateId): readonly SecretIssue[] {
    return this.#records.get(id)?.issues ?? [];
  }

  /** As if an Ingress named it now. Changes nothing. */
  preview(id: CertificateId, nowMs: number): CertificatePreview {
    const record = this.#records.get(id);
    const parsed = record === undefined ? this.#parseUnnamed(id) : record.parsed;
    const certificate = record === undefined ? certificateOf(parsed) : record.certificate;
    return { certificate, issues: this.#issuesOf(id, parsed, certificate, nowMs) };
  }

  #parseUnnamed(id: CertificateId): CertificateResult | null {
    const secret = this.#secrets.get(id);
    if (secret === undefined) return null;
    let parsed = this.#previews.get(secret);
    if (parsed === undefined) {
      parsed = parseCertificate(id, certificateDataOf(secret));
      this.#previews.set(secret, parsed);
    }
    return parsed;
  }

  /** Reads what changed, and what has expired since the last call. */
  update(nowMs: number): CertificateChanges {
    if (nowMs > this.#nextExpiryMs || nowMs <= this.#lastExpiredMs) {
      this.#lastExpiredMs = Number.NEGATIVE_INFINITY;
      this.#nextExpiryMs = Number.POSITIVE_INFINITY;
      for (const id of this.#records.keys()) this.#dirty.add(id);
    }
    const forHosts = new Set<ObjectKey>();
    const forProblems = new Set<ObjectKey>();
    for (const id of this.#dirty) {
      const record = this.#records.get(id);
      if (record === undefined) continue;
      const { certificate, issues } = record;
      this.#refresh(record, nowMs);
      if (record.certificate !== certificate) addAll(forHosts, record.users);
      if (!isDeepStrictEqual(record.issues, issues)) addAll(forProblems, record.users);
      this.#moved.add(id);
    }
    this.#dirty.clear();
    return { forHosts, forProblems };
  }

  /** Puts into the draft what hosts serve now, and forgets what nothing names. After the hosts were built. */
  commit(draft: TableDraft): void {
    for (const id of this.#moved) {
      const record = this.#records.get(id);
      if (record === undefined) continue;
      const isPinned = id === this.#pinned;
      draft.certificates.set(id, isPinned || record.hostCount > 0 ? record.certificate : null);
      if (record.users.size === 0 && !isPinned) this.#records.delete(id);
    }
    this.#moved.clear();
  }

  #record(id: CertificateId): CertificateRecord {
    let record = this.#records.get(id);
    if (record === undefined) {
      const users = new Set<ObjectKey>();
      record = { id, users, hostCount: 0, data: null, parsed: null, certificate: null, issues: [] };
      this.#records.set(id, record);
      this.#dirty.add(id);
    }
    return record;
  }

  #refresh(record: CertificateRecord, nowMs: number): void {
    const secret = this.#secrets.get(record.id);
    if (secret === undefined) {
      record.data = null;
      record.parsed = null;
    } else {
      const data = certificateDataOf(secret);
      if (record.parsed === null || !isDeepStrictEqual(record.data, data)) {
        record.data = data;
        record.parsed = parseCertificate(record.id, data);
      }
      if (record.parsed.ok) record.certificate = record.parsed.certificate;
    }
    const { id, parsed, certificate } = record;
    record.issues = this.#issuesOf(id, parsed, certificate, nowMs);
    this.#noteExpiry(certificate, nowMs);
  }

  #noteExpiry(certificate: Certificate | null, nowMs: number): void {
    if (certificate === null) return;
    const { notAfterMs } = certificate;
    if (nowMs > notAfterMs) this.#lastExpiredMs = Math.max(this.#lastExpiredMs, notAfterMs);
    else this.#nextExpiryMs = Math.min(this.#nextExpiryMs, notAfterMs);
  }

  #issuesOf(
    id: CertificateId,
    parsed: CertificateResult | null,
    certificate: Certificate | null,
    nowMs: number,
  ): SecretIssue[] {
    const issues: SecretIssue[] = [];
    const substitute = id === this.#pinned ? 'the self-signed certificate' : 'the default certificate';
    const remedy = `${certificate === null ? substitute : 'its last good certificate'} is served`;
    if (parsed === null) {
      const message = `Secret "${id}" does not exist; ${remedy}`;
      issues.push({ code: 'SecretNotFound', severity: 'error', message });
    } else if (!parsed.ok) {
      const message = `Secret "${id}" is not usable: ${parsed.message}; ${remedy}`;
      issues.push({ code: 'CertificateInvalid', severity: 'error', message });
    } else if (parsed.warning !== null) {
      const message = `Secret "${id}": ${parsed.warning}`;
      issues.push({ code: 'CertificateInvalid', severity: 'warning', message });
    }
    if (certificate !== null && nowMs > certificate.notAfterMs) {
      const message = `the certificate of Secret "${id}" expired at ${new Date(certificate.notAfterMs).toISOString()}; it is still served`;
      issues.push({ code: 'CertificateExpired', severity: 'warning', message });
    }
    return issues;
  }
}

function certificateOf(parsed: CertificateResult | null): Certificate | null {
  return parsed?.ok === true ? parsed.certificate : null;
}

function addAll(target: Set<ObjectKey>, source: ReadonlySet<ObjectKey>): void {
  for (const key of source) target.add(key);
}
