// One unit per Secret that an Ingress of ours names for TLS to its upstreams. Remembers the last good version of a Secret for as long
// as something names it, like certificate-units.ts: a broken renewal takes no upstream down.
import { isDeepStrictEqual } from 'node:util';
import type { Secret } from '../kube/index.ts';
import type { ClientTls, ClientTlsId, ObjectKey } from '../model/index.ts';
import type { SecretIssue } from './certificate-units.ts';
import { clientTlsDataOf, parseClientTls, type ClientTlsResult } from './client-tls.ts';
import type { TableDraft } from './table-draft.ts';

interface ClientTlsRecord {
  readonly id: ClientTlsId;
  /** Ingresses that name the Secret. */
  readonly users: Set<ObjectKey>;
  /** In force: the last one that was good. */
  unit: ClientTls | null;
  issues: readonly SecretIssue[];
}

export class ClientTlsUnits {
  readonly #secrets = new Map<ClientTlsId, Secret>();
  readonly #records = new Map<ClientTlsId, ClientTlsRecord>();
  readonly #dirty = new Set<ClientTlsId>();

  setSecret(id: ClientTlsId, secret: Secret): void {
    this.#secrets.set(id, secret);
    this.#dirty.add(id);
  }

  removeSecret(id: ClientTlsId): void {
    this.#secrets.delete(id);
    this.#dirty.add(id);
  }

  addUser(id: ClientTlsId, user: ObjectKey): void {
    let record = this.#records.get(id);
    if (record === undefined) {
      record = { id, users: new Set(), unit: null, issues: [] };
      this.#records.set(id, record);
    }
    record.users.add(user);
    this.#dirty.add(id);
  }

  removeUser(id: ClientTlsId, user: ObjectKey): void {
    this.#records.get(id)?.users.delete(user);
    this.#dirty.add(id);
  }

  issuesOf(id: ClientTlsId): readonly SecretIssue[] {
    return this.#records.get(id)?.issues ?? [];
  }

  /** As if an Ingress named it now. Changes nothing. */
  previewIssues(id: ClientTlsId): readonly SecretIssue[] {
    return this.#records.get(id)?.issues ?? issuesOf(id, this.#read(id), null);
  }

  /** Reads what changed into the draft. Returns the Ingresses whose problems depend on what came out differently. */
  update(draft: TableDraft): ReadonlySet<ObjectKey> {
    const affected = new Set<ObjectKey>();
    for (const id of this.#dirty) {
      const record = this.#records.get(id);
      if (record === undefined) continue;
      if (record.users.size === 0) {
        this.#records.delete(id);
        draft.clientTls.set(id, null);
        continue;
      }
      const result = this.#read(id);
      if (result?.ok === true) record.unit = result.unit;
      const issues = issuesOf(id, result, record.unit);
      if (!isDeepStrictEqual(issues, record.issues)) for (const user of record.users) affected.add(user);
      record.issues = issues;
      draft.clientTls.set(id, record.unit);
    }
    this.#dirty.clear();
    return affected;
  }

  #read(id: ClientTlsId): ClientTlsResult | null {
    const secret = this.#secrets.get(id);
    return secret === undefined ? null : parseClientTls(id, clientTlsDataOf(secret));
  }
}

function issuesOf(id: ClientTlsId, result: ClientTlsResult | null, unit: ClientTls | null): SecretIssue[] {
  const remedy =
    unit === null
      ? 'requests that need it for their upstream answer 503'
      : 'its last good version is used for the upstream';
  if (result === null) {
    const message = `Secret "${id}" does not exist; ${remedy}`;
    return [{ code: 'SecretNotFound', severity: 'error', message }];
  }
  if (result.ok) return [];
  const message = `Secret "${id}" is not usable: ${result.message}; ${remedy}`;
  return [{ code: 'CertificateInvalid', severity: 'error', message }];
}
