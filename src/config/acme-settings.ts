// The flags of automatic certificates, the same for `up` and `controller`, and what they make. Off unless the operator says who asks.
import { UsageError } from './command-line.ts';
import type { FlagTable, FlagValues } from './flag-spec.ts';

const section = 'Automatic certificates';

export const acmeFlags = {
  'acme-agree-tos': {
    type: 'switch',
    section,
    default: 'false',
    doc: 'Agree to the terms of service of the ACME server, which turns automatic certificates on.',
  },
  'acme-email': {
    type: 'text',
    section,
    placeholder: 'ADDRESS',
    default: '',
    defaultText: 'none',
    doc: 'Address to which the authority writes about the account. Wants --acme-agree-tos.',
  },
  'acme-directory': {
    type: 'text',
    section,
    placeholder: 'URL',
    default: 'https://acme-v02.api.letsencrypt.org/directory',
    doc: "Directory of the ACME server. For trials: Let's Encrypt's https://acme-staging-v02.api.letsencrypt.org/directory.",
  },
  'acme-challenge': {
    type: 'choice',
    section,
    choices: ['http-01', 'tls-alpn-01'],
    default: 'http-01',
    doc: 'How hosts are proven: by a file over port 80, or in a TLS handshake on port 443.',
  },
  'acme-ca-file': {
    type: 'text',
    section,
    placeholder: 'FILE',
    default: '',
    defaultText: 'none',
    doc: 'PEM file of authorities that are trusted for the ACME server besides the public ones.',
  },
  'acme-eab-key-id': {
    type: 'text',
    section,
    placeholder: 'ID',
    default: '',
    defaultText: 'none',
    doc: 'Key id of an account that the authority knows already (external account binding). Wants --acme-eab-key-file.',
  },
  'acme-eab-key-file': {
    type: 'text',
    section,
    placeholder: 'FILE',
    default: '',
    defaultText: 'none',
    doc: 'File with the key of that account, in base64url as the authority gives it.',
  },
  'acme-namespace': {
    type: 'text',
    section,
    placeholder: 'NAME',
    default: '',
    defaultText: '$POD_NAMESPACE, else that of the service account or of the context; kube-system for up',
    doc: 'Namespace of the Secrets of the account and of the challenges. Whoever may write there can get certificates for every host.',
  },
} as const satisfies FlagTable;

export interface AcmeSettings {
  /** Https. */
  readonly directoryUrl: string;
  readonly email: string | null;
  readonly challenge: 'http-01' | 'tls-alpn-01';
  readonly authoritiesPath: string | null;
  readonly externalAccount: { readonly keyId: string; readonly keyPath: string } | null;
  /** Null: worked out from where the controller runs. */
  readonly namespace: string | null;
}

/** Null: off. @throws {UsageError} */
export function buildAcmeSettings(command: string, flags: FlagValues<typeof acmeFlags>): AcmeSettings | null {
  const refuse = (message: string): never => {
    throw new UsageError(`${command}: ${message}`);
  };
  const { 'acme-email': email, 'acme-directory': directoryUrl, 'acme-challenge': challenge } = flags;
  const { 'acme-eab-key-id': keyId, 'acme-eab-key-file': keyPath } = flags;
  if (!flags['acme-agree-tos']) {
    if (email === '') return null;
    refuse('--acme-email wants --acme-agree-tos: nobody else can agree to the terms of the authority');
  }
  if (!URL.canParse(directoryUrl) || !directoryUrl.startsWith('https://')) {
    refuse(`--acme-directory "${directoryUrl}": an https URL is wanted`);
  }
  if (email !== '' && !/^[^\s@:?]+@[^\s@:?]+$/.test(email)) {
    refuse(`--acme-email "${email}": an e-mail address is wanted`);
  }
  if ((keyId === '') !== (keyPath === '')) {
    refuse('--acme-eab-key-id and --acme-eab-key-file want each other');
  }
  return {
    directoryUrl,
    email: email === '' ? null : email,
    challenge,
    authoritiesPath: flags['acme-ca-file'] === '' ? null : flags['acme-ca-file'],
    externalAccount: keyId === '' ? null : { keyId, keyPath },
    namespace: flags['acme-namespace'] === '' ? null : flags['acme-namespace'],
  };
}
