// passwords: the annotations auth-type, auth-secret, auth-secret-type and auth-realm. The hashes are units of the table, and the data plane
// checks passwords itself (proxy/passwords/): here is what it goes by.
import {
  credentialsId,
  objectKey,
  splitCredentialsId,
  type CredentialsForm,
  type ObjectKey,
} from '../../model/index.ts';
import { removeField } from '../../wire/http1/field-value.ts';
import type { AnnotationValues, CompileContext, Feature, PasswordSettings } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { renderKey } from '../keys.ts';
import { isWithoutAuth } from '../no-auth-locations.ts';
import { readValue } from '../values.ts';
import { realmKey, secretKey, secretTypeKey, typeKey } from './keys.ts';

function compile(values: AnnotationValues, context: CompileContext): PasswordSettings | null {
  if (isWithoutAuth(values, context)) return null;
  const kind = readValue(values, typeKey) ?? false;
  if (kind === false) {
    warnOfNothing(values, context);
    return null;
  }
  const secret = findSecret(readValue(values, secretKey) ?? '', context);
  const isMap = readValue(values, secretTypeKey) === 'auth-map';
  const form: CredentialsForm = `${kind}-${isMap ? 'map' : 'file'}`;
  return {
    kind,
    realm: readValue(values, realmKey) ?? '',
    credentials: secret === null ? null : credentialsId(form, secret),
  };
}

/** Null: there is none that may be looked at. */
function findSecret(
  name: string,
  { namespace, crossesNamespaces, report }: CompileContext,
): ObjectKey | null {
  const deny = (message: string): null => {
    const key = renderKey(name === '' ? typeKey : secretKey);
    report({ severity: 'error', code: 'AnnotationInvalid', key, message });
    return null;
  };
  if (name === '') {
    return deny(
      `annotation "${renderKey(typeKey)}" asks for passwords and "${secretKey.name}" names no Secret; the path answers 503`,
    );
  }
  const [first = '', second] = name.split('/');
  if (second === undefined) return objectKey(namespace, first);
  if (first === namespace || crossesNamespaces) return objectKey(first, second);
  return deny(`Secret "${name}" is of another namespace, wanted one of "${namespace}"; the path answers 503`);
}

/** As in ingress-nginx the Secret alone asks for nothing; but whoever names one means to. */
function warnOfNothing(values: AnnotationValues, { report }: CompileContext): void {
  if ((readValue(values, secretKey) ?? '') === '') return;
  const message = `annotation "${renderKey(secretKey)}" has no effect without "${typeKey.name}", wanted "basic" or "digest"; the path asks for no password`;
  report({ severity: 'warning', code: 'AnnotationInvalid', key: renderKey(secretKey), message });
}

function describe({ kind, realm, credentials }: PasswordSettings): string {
  if (credentials === null) return 'refused, there is no Secret with passwords';
  const { form, secret } = splitCredentialsId(credentials);
  const reading = form.endsWith('-map') ? 'a key for each user' : 'its key "auth"';
  return `${kind} authentication by Secret ${secret} (${reading})${realm === '' ? '' : ` for "${realm}"`}`;
}

export const passwords: Feature = defineFeature<PasswordSettings>({
  name: 'passwords',
  doc: 'Lets in who knows a password, after lists of addresses. A changed Secret counts from the next request on. The endpoint never gets `Authorization`, as in ingress-nginx. See the [guide](../guides/passwords.md).',
  keys: [typeKey, secretKey, secretTypeKey, realmKey],
  after: ['source-ranges'],
  compile,
  credentialsOf: ({ credentials }) => credentials && { id: credentials, key: secretKey.name },
  prepare: () => ({ forward: (_request, fields) => removeField(fields, 'authorization') }),
  settings: (policy) => ({ passwords: policy }),
  describe,
});
