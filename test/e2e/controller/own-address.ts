// An address of this machine that is no loopback address: in a cluster those are never endpoints, so the applications of these tests
// listen elsewhere. A machine without a network gets one on its loopback interface, for which the user must be root.
import { spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';

/** Of a block that is reserved for documentation (RFC 5737): no network has it. */
const borrowed = '198.51.100.1';

function findAddress(): string | undefined {
  const rows = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const isUsable = ({ address, family, internal }: (typeof rows)[number]): boolean =>
    family === 'IPv4' && !address.startsWith('169.254.') && (!internal || address === borrowed);
  return rows.find(isUsable)?.address;
}

/** @throws {Error} there is none, and none could be made. */
export function ownAddress(): string {
  const found = findAddress();
  if (found !== undefined) return found;
  const { stderr } = spawnSync('ip', ['addr', 'add', `${borrowed}/32`, 'dev', 'lo'], { encoding: 'utf8' });
  const made = findAddress();
  if (made !== undefined) return made;
  throw new Error(
    `this machine has no IPv4 address besides loopback, and adding ${borrowed} failed: ${stderr ?? 'no ip command'}; ` +
      'a network, or root and iproute2, are wanted',
  );
}
