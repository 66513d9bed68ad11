// The ordered list of features. Adding one is its folder and one line here.
import type { Feature } from './contract.ts';

export * from './contract.ts';

export const features: readonly Feature[] = [];
