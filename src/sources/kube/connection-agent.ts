// The agents that hold connections to one API server, directly or through a proxy.
import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { ClusterConnection } from './cluster-connection.ts';

/** An agent for the server's scheme. @throws {Error} if a proxy is wanted and this version of Node.js has none. */
export function createAgent({ server, proxy }: ClusterConnection, options: AgentOptions): HttpAgent {
  const isSecure = server.protocol === 'https:';
  if (proxy === null) return isSecure ? new HttpsAgent(options) : new HttpAgent(options);
  if (!hasProxySupport(process.versions.node)) {
    throw new Error(
      `a proxy leads to the API server, for which Node.js 24.5 or newer is wanted; this is ${process.versions.node}`,
    );
  }
  const proxyEnv = isSecure ? { HTTPS_PROXY: proxy.href } : { HTTP_PROXY: proxy.href };
  return isSecure ? new HttpsAgent({ ...options, proxyEnv }) : new HttpAgent({ ...options, proxyEnv });
}

function hasProxySupport(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 5);
}
