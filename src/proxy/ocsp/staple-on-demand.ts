// stapleOnDemand: asks for the OCSP answer of a handshake's certificate only while there are answers at all. With a listener for it Node
// encodes the certificate and its issuer anew in every handshake whose client would like an answer, which is nearly every one.
import type { Server } from 'node:tls';
import type { TlsContexts } from '../tls-contexts.ts';

type Answer = (error: Error | null, response: Buffer | null) => void;

/** Decided anew for each connection, before its handshake begins. */
export function stapleOnDemand(server: Server, contexts: TlsContexts): void {
  const staple = (certificate: Buffer, _issuer: Buffer, answer: Answer): void =>
    answer(null, contexts.stapleFor(certificate));
  let isStapling = false;
  server.prependListener('connection', () => {
    if (contexts.hasStaples === isStapling) return;
    isStapling = !isStapling;
    if (isStapling) server.on('OCSPRequest', staple);
    else server.off('OCSPRequest', staple);
  });
}
