// The door of acme/: certificates ordered from an ACME server (RFC 8555), kept in TLS Secrets and renewed.
export { AcmeAgent, type AcmeAgentOptions, type AcmeOptions, challengeSecretOf } from './acme-agent.ts';
