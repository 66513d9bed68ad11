// The fields of a kubeconfig that hold PEM, and checks of them before a connection is tried: what OpenSSL says of a wrong one
// names no file and no field.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { CredentialError } from './cluster-connection.ts';
import type { KubeconfigFields } from './kubeconfig-fields.ts';
import { ChangingTextFile, fixedText, type TextFile } from './text-file.ts';

/** `<field>-data`, or the file that `<field>` names; both is an error, as for kubectl. */
export function pemOf(fields: KubeconfigFields, field: string, what: string): TextFile | null {
  const path = fields.filePath(field);
  const data = fields.data(`${field}-data`);
  if (path !== '' && data !== '')
    throw fields.fault(field, `${field}-data is given too; one of them is wanted`);
  if (data !== '') return fixedText(data);
  return path === '' ? null : new ChangingTextFile(path, what);
}

/** @throws {KubeconfigError} */
export function checkAuthorities(fields: KubeconfigFields, text: TextFile): void {
  const field = fieldOf(fields, 'certificate-authority');
  if (parseCertificate(read(fields, field, text)) === null)
    throw fields.fault(field, 'no certificate in PEM');
}

/** @throws {KubeconfigError} */
export function checkClientPair(fields: KubeconfigFields, chain: TextFile, key: TextFile): void {
  const chainField = fieldOf(fields, 'client-certificate');
  const keyField = fieldOf(fields, 'client-key');
  const certificate = parseCertificate(read(fields, chainField, chain));
  if (certificate === null) throw fields.fault(chainField, 'no certificate in PEM');
  const isPair = matchesKey(certificate, read(fields, keyField, key));
  if (isPair === null) throw fields.fault(keyField, 'no private key in PEM, or an encrypted one');
  if (!isPair) throw fields.fault(keyField, 'does not belong to the certificate');
}

function fieldOf(fields: KubeconfigFields, field: string): string {
  return fields.has(`${field}-data`) ? `${field}-data` : field;
}

function read(fields: KubeconfigFields, field: string, text: TextFile): string {
  try {
    return text.read();
  } catch (error) {
    if (error instanceof CredentialError) throw fields.fault(field, error.message);
    throw error;
  }
}

function parseCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

/** Null: there is no usable key. */
function matchesKey(certificate: X509Certificate, pem: string): boolean | null {
  try {
    return certificate.checkPrivateKey(createPrivateKey(pem));
  } catch {
    return null;
  }
}
