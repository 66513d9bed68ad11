// What a port shows in a TLS handshake for a host, as somebody sees it who trusts one authority.
import { once } from 'node:events';
import { connect } from 'node:tls';

/**
 * The fingerprint of what is served; empty: the root does not vouch for it. Whether it is over does not matter: a certificate that lives for
 * seconds may be so before a slow machine serves it.
 */
async function handshake(port: number, servername: string, ca: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername, ca, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const fingerprint = socket.getPeerX509Certificate()?.fingerprint256 ?? '';
  const { authorized, authorizationError } = socket;
  socket.destroy();
  // What is declared as an error is the code in fact.
  return authorized || String(authorizationError) === 'CERT_HAS_EXPIRED' ? fingerprint : '';
}

/** What is served once a certificate of the authority is, other than `other`: a table is on its way to the workers for a moment. */
export async function servedCertificate(
  port: number,
  host: string,
  root: string,
  other = '',
): Promise<string> {
  for (;;) {
    const fingerprint = await handshake(port, host, root);
    if (fingerprint !== '' && fingerprint !== other) return fingerprint;
  }
}
