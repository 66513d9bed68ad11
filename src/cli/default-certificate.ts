// The certificate that is served where no other fits: self-signed, made once, kept in the data folder and used again at the
// next start, so that a client that once trusted it need not do so again. A folder that cannot be written costs only that.
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSelfSigned } from './self-signed.ts';
import type { CertificateAndKey } from './self-signed.ts';

const dayMs = 86_400_000;
const validDays = 365;
/** A certificate with less time left is made anew at the next start. */
const renewDays = 30;

export interface DefaultCertificate {
  readonly certificate: CertificateAndKey;
  /** `kept`: from an earlier run; `made`: new and stored; `unstored`: new, and gone with the process. */
  readonly origin: 'kept' | 'made' | 'unstored';
  /** Where the certificate is, for clients that want to trust it; null when it could not be stored. */
  readonly certificatePath: string | null;
  /** Why it could not be stored; null when it was. */
  readonly warning: string | null;
}

/** As `ensureDefaultCertificate`; without a folder one that lives as long as the process, which is then no reason for a warning. */
export function provideDefaultCertificate(dataDir: string | null, now: Date): DefaultCertificate {
  if (dataDir !== null) return ensureDefaultCertificate(dataDir, now);
  return { certificate: makeCertificate(now), origin: 'unstored', certificatePath: null, warning: null };
}

function makeCertificate(now: Date): CertificateAndKey {
  return createSelfSigned({
    commonName: 'Sallyport Default Certificate',
    dnsNames: ['sallyport.local', 'localhost'],
    // A day of slack for clients whose clocks are behind.
    notBefore: new Date(now.getTime() - dayMs),
    notAfter: new Date(now.getTime() + validDays * dayMs),
  });
}

/** Reads the kept certificate, or makes one. Never throws for what the file system does. */
export function ensureDefaultCertificate(dataDir: string, now: Date): DefaultCertificate {
  const certificatePath = join(dataDir, 'default-certificate.pem');
  const keyPath = join(dataDir, 'default-certificate.key');
  const kept = readKept(certificatePath, keyPath, now);
  if (kept !== null) return { certificate: kept, origin: 'kept', certificatePath, warning: null };
  const certificate = makeCertificate(now);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeWhole(keyPath, certificate.keyPem, 0o600);
    writeWhole(certificatePath, certificate.chainPem, 0o644);
    return { certificate, origin: 'made', certificatePath, warning: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const warning = `cannot keep the default certificate in "${dataDir}": ${reason}; the one made now is lost when the process ends; a writable --data-dir is wanted`;
    return { certificate, origin: 'unstored', certificatePath: null, warning };
  }
}

function readKept(certificatePath: string, keyPath: string, now: Date): CertificateAndKey | null {
  try {
    const chainPem = readFileSync(certificatePath, 'utf8');
    const keyPem = readFileSync(keyPath, 'utf8');
    const certificate = new X509Certificate(chainPem);
    const isUsable =
      certificate.checkPrivateKey(createPrivateKey(keyPem)) &&
      certificate.validFromDate <= now &&
      certificate.validToDate.getTime() - now.getTime() > renewDays * dayMs;
    return isUsable ? { chainPem, keyPem } : null;
  } catch {
    return null; // Absent or damaged: a new one takes its place.
  }
}

/** Never a moment with half a file, nor with a key that others can read. */
function writeWhole(path: string, text: string, mode: number): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode });
  chmodSync(draft, mode);
  renameSync(draft, path);
}
