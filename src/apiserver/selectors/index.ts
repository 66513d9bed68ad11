// The door of selectors/: which objects a list, a watch or a deletion of many is about.
export {
  exactValue,
  type FieldSelector,
  type FieldTerm,
  matchesFields,
  parseFieldSelector,
  SelectorSyntaxError,
} from './field-selector.ts';
export { isSelected, parseSelection, type Selection } from './selection.ts';
