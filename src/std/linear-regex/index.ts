// The door of linear-regex/: regular expressions written by tenants, matched in time linear in the text.
export {
  compileLinearRegex,
  LinearRegex,
  maxPatternBytes,
  maxRequestSteps,
  takenSteps,
} from './linear-regex.ts';
export type { LinearRegexOptions, LinearRegexResult } from './linear-regex.ts';
