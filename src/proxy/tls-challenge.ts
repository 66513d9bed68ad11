// TLS-ALPN-01 (RFC 8737): proves by a handshake that a host is ours. Who asks for `acme-tls/1` gets a certificate made for the moment,
// which holds the digest of the challenge, and then the end of the connection: nothing is ever served over it.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { Challenge } from '../model/index.ts';
import {
  acmeIdentifier,
  renderCertificate,
  renderPem,
  renderToBeSigned,
  subjectAltName,
} from '../std/der/index.ts';

export const challengeProtocol = 'acme-tls/1';

const dayMs = 86_400_000;

/** `socket` is paused, with the ClientHello in it. The caller bounds the time. */
export function answerTlsChallenge(socket: Socket, challenge: Challenge): void {
  const secure = new TLSSocket(socket, {
    isServer: true,
    secureContext: createChallengeContext(challenge, Date.now()),
    ALPNProtocols: [challengeProtocol],
  });
  const close = (): void => {
    secure.destroy();
    socket.destroy();
  };
  secure.on('error', close);
  socket.on('close', close);
  // Read to the client's end, so that what it sends last does not reset what it has yet to read.
  secure.once('secure', () => secure.end());
  secure.on('end', close);
  secure.resume();
}

function createChallengeContext({ host, keyAuthorization }: Challenge, nowMs: number): SecureContext {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and the same length always
  const name = { commonName: 'ACME challenge' };
  const toBeSigned = renderToBeSigned({
    serial,
    issuer: name,
    subject: name,
    notBefore: new Date(nowMs - dayMs),
    notAfter: new Date(nowMs + dayMs),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    extensions: [
      subjectAltName([host]),
      acmeIdentifier(createHash('sha256').update(keyAuthorization).digest()),
    ],
  });
  const certificate = renderCertificate(toBeSigned, sign('sha256', toBeSigned, privateKey));
  return createSecureContext({
    minVersion: 'TLSv1.2',
    cert: renderPem('CERTIFICATE', certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  });
}
