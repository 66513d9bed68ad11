// The other proxies by name.
import type { StartVariant } from '../variant.ts';
import { startCaddy } from './caddy.ts';
import { startHaproxy } from './haproxy.ts';
import { startNginx, startNginxDefaultBuffers } from './nginx.ts';

export const peers = {
  nginx: startNginx,
  'nginx, default buffers': startNginxDefaultBuffers,
  HAProxy: startHaproxy,
  Caddy: startCaddy,
} as const satisfies Readonly<Record<string, StartVariant>>;

export type PeerName = keyof typeof peers;
