// One unit per Secret with passwords and way of reading it that an Ingress of ours names. No version but the present one counts: who takes
// a user away wants that user out.
import {
  credentialsId,
  splitCredentialsId,
  type Credentials,
  type CredentialsForm,
  type CredentialsId,
  type ObjectKey,
} from '../model/index.ts';
import type { Secret } from '../kube/index.ts';
import type { SecretIssue } from './certificate-units.ts';
import { parseCredentials } from './credentials.ts';
import { SecretUnits } from './secret-units.ts';
import type { TableDraft } from './table-draft.ts';

/** A SecretUnits for each form. */
export class CredentialUnits {
  readonly #byForm: Readonly<Record<CredentialsForm, SecretUnits<Credentials>>> = {
    'basic-file': makeUnits('basic-file'),
    'basic-map': makeUnits('basic-map'),
    'digest-file': makeUnits('digest-file'),
    'digest-map': makeUnits('digest-map'),
  };

  setSecret(id: ObjectKey, secret: Secret): void {
    for (const units of Object.values(this.#byForm)) units.setSecret(id, secret);
  }

  removeSecret(id: ObjectKey): void {
    for (const units of Object.values(this.#byForm)) units.removeSecret(id);
  }

  addUser(id: CredentialsId, user: ObjectKey): void {
    const { form, secret } = splitCredentialsId(id);
    this.#byForm[form].addUser(secret, user);
  }

  removeUser(id: CredentialsId, user: ObjectKey): void {
    const { form, secret } = splitCredentialsId(id);
    this.#byForm[form].removeUser(secret, user);
  }

  issuesOf(id: CredentialsId): readonly SecretIssue[] {
    const { form, secret } = splitCredentialsId(id);
    return this.#byForm[form].issuesOf(secret);
  }

  /** As if an Ingress named it now. Changes nothing. */
  previewIssues(id: CredentialsId): readonly SecretIssue[] {
    const { form, secret } = splitCredentialsId(id);
    return this.#byForm[form].previewIssues(secret);
  }

  /** Reads what changed into the draft. Returns the Ingresses whose problems depend on what came out differently. */
  update(draft: TableDraft): ReadonlySet<ObjectKey> {
    const affected = Object.values(this.#byForm).map((units) => units.update(draft));
    return new Set(affected.flatMap((keys) => [...keys]));
  }
}

function makeUnits(form: CredentialsForm): SecretUnits<Credentials> {
  return new SecretUnits({
    read: (id, secret) => parseCredentials(credentialsId(form, id), secret),
    keepsLastGood: false,
    remedy: 'requests of the paths that ask for a password answer 503',
    lastGoodRemedy: '',
    invalidCode: 'CredentialsInvalid',
    put: (draft, id, unit) => draft.credentials.set(credentialsId(form, id), unit),
  });
}
