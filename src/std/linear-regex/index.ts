// The door of linear-regex/: regular expressions written by tenants, matched in time linear in the text.
export { compileLinearRegex, LinearRegex, maxPatternBytes } from './linear-regex.ts';
export type { LinearRegexOptions, LinearRegexResult } from './linear-regex.ts';
