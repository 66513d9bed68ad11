import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { parse } from 'yaml';
import { createLogger } from '../../observe/logger.ts';
import { ApiServer } from '../api-server.ts';
import { certificateHosts, localHost } from './certificate-hosts.ts';

const machine = [
  '127.0.0.1',
  '192.0.2.7',
  '169.254.3.4',
  '::1',
  '2001:db8::7',
  'fe80::1',
  'febf::1',
  'fec0::1',
];

test('certificateHosts: the address that is listened on, or those of the machine by which it can be called', () => {
  assert.deepEqual(certificateHosts('192.0.2.9', machine), ['192.0.2.9']);
  assert.deepEqual(certificateHosts('0.0.0.0', machine), ['127.0.0.1', '169.254.3.4', '192.0.2.7']);
  for (const all of ['::', '0:0::0'])
    assert.deepEqual(
      certificateHosts(all, [...machine, '192.0.2.7', 'eth0']),
      ['127.0.0.1', '169.254.3.4', '192.0.2.7', '2001:db8::7', '::1', 'fec0::1'],
      all,
    );
  const many = Array.from({ length: 1_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  assert.equal(certificateHosts('::', many).length, 256);
});

test('localHost: what the kubeconfig of a machine says', () => {
  assert.deepEqual(['0.0.0.0', '::', '0::0', '192.0.2.9', '::1'].map(localHost), [
    '127.0.0.1',
    '::1',
    '::1',
    '192.0.2.9',
    '::1',
  ]);
});

async function peerNames(dataDir: string, machineAddresses: readonly string[]): Promise<string> {
  const server = new ApiServer({
    dataDir,
    bind: '0.0.0.0', // What is tried; the port is one that is free, and open for a moment.
    machineAddresses: () => machineAddresses,
    port: 0,
    packageVersion: '0.0.0',
    logger: createLogger({ level: 'error', format: 'json' }),
  });
  try {
    const { kubeconfigPath, port } = await server.listen();
    const text = readFileSync(kubeconfigPath, 'utf8');
    const { clusters } = parse(text) as { clusters: [{ cluster: { server: string } }] };
    assert.equal(clusters[0].cluster.server, `https://127.0.0.1:${port}`);
    const ca = readFileSync(join(dataDir, 'pki', 'ca.crt'));
    return await new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca }, () => {
        resolve(String(socket.getPeerCertificate().subjectaltname));
        socket.destroy();
      });
      socket.once('error', reject);
    });
  } finally {
    await server.stop();
  }
}

test('an API server on all addresses proves itself for those that the machine has, also when they change', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-hosts-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  assert.match(await peerNames(dataDir, ['127.0.0.1', '192.0.2.7']), /IP Address:192\.0\.2\.7(?:,|$)/);
  const authority = readFileSync(join(dataDir, 'pki', 'ca.pem'), 'utf8');
  const moved = await peerNames(dataDir, ['127.0.0.1', '192.0.2.8']);
  assert.match(moved, /IP Address:192\.0\.2\.8(?:,|$)/);
  assert.doesNotMatch(moved, /192\.0\.2\.7/);
  assert.equal(readFileSync(join(dataDir, 'pki', 'ca.pem'), 'utf8'), authority);
});
