// The door of http/: the HTTPS listener of the API server, and what it proves itself and knows its clients with.
export { createAuthenticate, type Authenticate, type TokenUser } from './authenticate.ts';
export { certificateHosts, localHost } from './certificate-hosts.ts';
export { issueClientCertificate, type KeyPair } from './certificates.ts';
export { ensureApiCredentials, type ApiCredentials, type CredentialOptions } from './credentials.ts';
export type { HealthCheck } from './health.ts';
export { ensureKubeconfig, renderKubeconfig, type KubeconfigContent } from './kubeconfig.ts';
export { defaultApiLimits, type ApiLimits } from './limits.ts';
export { ApiListener, type ApiListenerOptions, type TlsMaterial } from './listener.ts';
