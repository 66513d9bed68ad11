// The first bytes of a TLS client, for tests that send them by hand.
import { Duplex } from 'node:stream';
import { connect, type ConnectionOptions } from 'node:tls';

/** What a real client sends before it has heard anything. */
export async function captureHello(options: ConnectionOptions): Promise<Buffer> {
  const sent = Promise.withResolvers<Buffer>();
  const wire = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      sent.resolve(chunk);
      done();
    },
  });
  const client = connect({ ...options, socket: wire });
  client.on('error', () => {});
  const bytes = await sent.promise;
  client.destroy();
  wire.destroy();
  return bytes;
}
