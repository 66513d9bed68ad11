// The door of lease/: which replica writes.
export { LeaderElector, type LeaderElectorOptions } from './leader-elector.ts';
