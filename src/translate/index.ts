// The door of translate/: Kubernetes objects to a routing table and problems, incrementally or from scratch.
export { wantsCertificates } from './plan-acme.ts';
export { renderChallenges } from './challenge-secret.ts';
export type { DefaultBackendService, ObjectChange, TranslateOptions } from './options.ts';
export type { OwnListener } from './own-listeners.ts';
export type { Ownership } from './ownership.ts';
export type { IngressChange, Judgement, TryOut } from './try-out.ts';
export { findRetired } from './retired-keys.ts';
export type { PathConflict } from './build-host.ts';
export { translate, Translator, type TranslateStep } from './translator.ts';
