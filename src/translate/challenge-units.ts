// The challenges of the table: what is in the one Secret that the controller was told of, as long as that one exists.
import type { Secret } from '../kube/index.ts';
import type { Challenge, ChallengeId, ObjectKey } from '../model/index.ts';
import { parseChallenges } from './challenge-secret.ts';
import type { TableDraft } from './table-draft.ts';

export class ChallengeUnits {
  readonly #key: ObjectKey | null;
  /** In the table. */
  #present: ReadonlyMap<ChallengeId, Challenge> = new Map();
  #wanted: ReadonlyMap<ChallengeId, Challenge> = this.#present;

  /** Null: none is ever answered. */
  constructor(key: ObjectKey | null) {
    this.#key = key;
  }

  /** Null: it is gone. */
  setSecret(key: ObjectKey, secret: Secret | null): void {
    if (key !== this.#key) return;
    const challenges = secret === null ? [] : parseChallenges(secret);
    this.#wanted = new Map(challenges.map((challenge) => [challenge.id, challenge]));
  }

  commit(draft: TableDraft): void {
    if (this.#present === this.#wanted) return;
    for (const id of this.#present.keys()) if (!this.#wanted.has(id)) draft.challenges.set(id, null);
    for (const [id, challenge] of this.#wanted) draft.challenges.set(id, challenge);
    this.#present = this.#wanted;
  }
}
