// SecretUnits: one unit of the table per Secret that an Ingress of ours names for some purpose. In the table while somebody names it. Each
// purpose says how a Secret is read, and whether the last good version of one stays in force when it breaks or goes.
import { isDeepStrictEqual } from 'node:util';
import type { Secret } from '../kube/index.ts';
import type { ObjectKey, ProblemCode } from '../model/index.ts';
import type { SecretIssue } from './certificate-units.ts';
import type { TableDraft } from './table-draft.ts';

/** `message`, `warning`: a sentence about the Secret, without a part of a key. */
export type SecretReading<Unit> =
  | { readonly ok: true; readonly unit: Unit; readonly warning?: string }
  | { readonly ok: false; readonly message: string };

export interface SecretPurpose<Unit> {
  readonly read: (id: ObjectKey, secret: Secret) => SecretReading<Unit>;
  readonly keepsLastGood: boolean;
  /** What happens without a usable Secret, as the end of a sentence. */
  readonly remedy: string;
  /** What happens while the last good version is in force. */
  readonly lastGoodRemedy: string;
  /** Of a Secret that is not usable, or not wholly. */
  readonly invalidCode: ProblemCode;
  readonly put: (draft: TableDraft, id: ObjectKey, unit: Unit | null) => void;
}

interface SecretRecord<Unit> {
  readonly id: ObjectKey;
  /** Ingresses that name the Secret. */
  readonly users: Set<ObjectKey>;
  /** In force. */
  unit: Unit | null;
  issues: readonly SecretIssue[];
}

export class SecretUnits<Unit> {
  readonly #purpose: SecretPurpose<Unit>;
  readonly #secrets = new Map<ObjectKey, Secret>();
  readonly #records = new Map<ObjectKey, SecretRecord<Unit>>();
  readonly #dirty = new Set<ObjectKey>();

  constructor(purpose: SecretPurpose<Unit>) {
    this.#purpose = purpose;
  }

  setSecret(id: ObjectKey, secret: Secret): void {
    this.#secrets.set(id, secret);
    this.#dirty.add(id);
  }

  removeSecret(id: ObjectKey): void {
    this.#secrets.delete(id);
    this.#dirty.add(id);
  }

  addUser(id: ObjectKey, user: ObjectKey): void {
    let record = this.#records.get(id);
    if (record === undefined) {
      record = { id, users: new Set(), unit: null, issues: [] };
      this.#records.set(id, record);
    }
    record.users.add(user);
    this.#dirty.add(id);
  }

  removeUser(id: ObjectKey, user: ObjectKey): void {
    this.#records.get(id)?.users.delete(user);
    this.#dirty.add(id);
  }

  issuesOf(id: ObjectKey): readonly SecretIssue[] {
    return this.#records.get(id)?.issues ?? [];
  }

  /** As if an Ingress named it now. Changes nothing. */
  previewIssues(id: ObjectKey): readonly SecretIssue[] {
    return this.#records.get(id)?.issues ?? this.#issuesOf(id, this.#read(id), null);
  }

  /** Reads what changed into the draft. Returns the Ingresses whose problems depend on what came out differently. */
  update(draft: TableDraft): ReadonlySet<ObjectKey> {
    const affected = new Set<ObjectKey>();
    for (const id of this.#dirty) {
      const record = this.#records.get(id);
      if (record === undefined) continue;
      if (record.users.size === 0) {
        this.#records.delete(id);
        this.#purpose.put(draft, id, null);
        continue;
      }
      const reading = this.#read(id);
      if (reading?.ok === true) record.unit = reading.unit;
      else if (!this.#purpose.keepsLastGood) record.unit = null;
      const issues = this.#issuesOf(id, reading, record.unit);
      if (!isDeepStrictEqual(issues, record.issues)) for (const user of record.users) affected.add(user);
      record.issues = issues;
      this.#purpose.put(draft, id, record.unit);
    }
    this.#dirty.clear();
    return affected;
  }

  #read(id: ObjectKey): SecretReading<Unit> | null {
    const secret = this.#secrets.get(id);
    return secret === undefined ? null : this.#purpose.read(id, secret);
  }

  #issuesOf(id: ObjectKey, reading: SecretReading<Unit> | null, unit: Unit | null): SecretIssue[] {
    const { invalidCode } = this.#purpose;
    const remedy = unit === null ? this.#purpose.remedy : this.#purpose.lastGoodRemedy;
    if (reading === null) {
      const message = `Secret "${id}" does not exist; ${remedy}`;
      return [{ code: 'SecretNotFound', severity: 'error', message }];
    }
    if (reading.ok) {
      if (reading.warning === undefined) return [];
      const message = `Secret "${id}": ${reading.warning}`;
      return [{ code: invalidCode, severity: 'warning', message }];
    }
    const message = `Secret "${id}" is not usable: ${reading.message}; ${remedy}`;
    return [{ code: invalidCode, severity: 'error', message }];
  }
}
