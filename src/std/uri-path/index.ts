// The door of uri-path/: paths of URLs in canonical form. One writing for requests and for rules, or a rule could be written so
// that it takes requests which its text does not show.
export { hasValidEscapes } from './escapes.ts';
export { readPath, type PathFault, type PathReadings } from './readings.ts';
export { canonicalRulePath } from './rule-path.ts';
