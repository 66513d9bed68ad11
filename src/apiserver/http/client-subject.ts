// What a client's certificate says of it, once for every connection: CN is the user, O its groups.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ClientSubject, PresentedCredentials } from './authenticate.ts';

const subjects = new WeakMap<TLSSocket, PresentedCredentials['certificate']>();

export function clientSubjectOf(socket: Socket): PresentedCredentials['certificate'] {
  if (!(socket instanceof TLSSocket)) return null;
  let subject = subjects.get(socket);
  if (subject === undefined) {
    subject = readSubject(socket);
    subjects.set(socket, subject);
  }
  return subject;
}

function readSubject(socket: TLSSocket): ClientSubject | 'untrusted' | null {
  // Without a certificate, an object without members.
  const certificate: Partial<ReturnType<TLSSocket['getPeerCertificate']>> | null =
    socket.getPeerCertificate();
  const subject = certificate?.subject;
  if (subject === undefined) return null;
  const commonName: unknown = subject.CN;
  const organizations: unknown = subject.O ?? [];
  // Two names leave open who it is.
  if (!socket.authorized || typeof commonName !== 'string' || commonName === '') return 'untrusted';
  const notAfterMs = Date.parse(certificate?.valid_to ?? '');
  if (Number.isNaN(notAfterMs)) return 'untrusted';
  const groups = [organizations].flat().filter((group) => typeof group === 'string');
  return { commonName, organizations: groups, notAfterMs };
}
