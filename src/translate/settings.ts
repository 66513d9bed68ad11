// Settings: the keys of the controller's ConfigMap and of class parameters, read by the declarations of the features. A setting
// is the default of an annotation, under the name that ingress-nginx gives it; what does not parse counts as absent.
import type { AnnotationKey, AnnotationValues, Feature } from '../features/index.ts';
import type { ObjectRef, Problem } from '../model/index.ts';
import { compareText } from '../std/compare-text.ts';
import { findNearestWord } from '../std/nearest-word.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import { describeForeign, foreignSettings } from './foreign-settings.ts';
import { quoteValue } from './problems.ts';

/** The annotation keys whose defaults can be set, by the name of the setting. */
export type SettingIndex = ReadonlyMap<string, AnnotationKey>;

/** The keys that only the controller's own ConfigMap may have, by name. */
export type ControllerIndex = ReadonlyMap<string, ControllerSetting>;

export interface ParsedSettings {
  /** By the name of the annotation key. */
  readonly values: AnnotationValues;
  /** Of the controller's own keys. */
  readonly controller: ControllerValues;
  readonly problems: readonly Problem[];
}

export const noSettings: ParsedSettings = { values: new Map(), controller: new Map(), problems: [] };

export function indexSettings(features: readonly Feature[]): SettingIndex {
  const keys = features.flatMap((feature) => [...feature.keys, ...(feature.settingKeys ?? [])]);
  return new Map(keys.flatMap((key) => (key.setting === undefined ? [] : [[key.setting, key] as const])));
}

/** Names that a misspelt one may mean. */
function namesOf(index: SettingIndex, controllerIndex: ControllerIndex): string[] {
  const foreign = controllerIndex.size > 0 ? foreignSettings.keys() : [];
  return [...index.keys(), ...controllerIndex.keys(), ...foreign];
}

/** `field` is the object's member that holds the texts, e.g. `data`. Never throws. */
export function parseSettings(
  texts: Readonly<Record<string, unknown>>,
  object: ObjectRef,
  field: string,
  index: SettingIndex,
  controllerIndex: ControllerIndex,
): ParsedSettings {
  const values = new Map<string, unknown>();
  const controller = new Map<string, unknown>();
  const problems: Problem[] = [];
  const report = (
    name: string,
    code: Problem['code'],
    message: string,
    severity: Problem['severity'] = 'warning',
  ): void => {
    problems.push({ code, severity, object, field: `${field}[${name}]`, message });
  };
  for (const [name, text] of Object.entries(texts).sort(([a], [b]) => compareText(a, b))) {
    const ofController = controllerIndex.get(name);
    const ofFeature = index.get(name);
    const key = ofFeature ?? ofController;
    if (key === undefined && controllerIndex.size > 0 && foreignSettings.has(name)) {
      const foreign = describeForeign(name, typeof text === 'string' ? text : '');
      if (foreign !== null) report(name, 'SettingUnsupported', foreign.message, foreign.severity);
      continue;
    }
    if (key === undefined) {
      const similar = findNearestWord(name, namesOf(index, controllerIndex), () => 2);
      const hint = similar === null ? '' : `; did you mean "${similar}"`;
      report(name, 'SettingUnknown', `setting ${quoteValue(name)} is not known and has no effect${hint}`);
      continue;
    }
    const result = typeof text === 'string' ? key.parse(text) : { wanted: 'a text' };
    if ('wanted' in result) {
      const value = typeof text === 'string' ? quoteValue(text) : typeof text;
      const isStrict = ofFeature?.invalidSetting !== undefined;
      const effect = isStrict
        ? 'until it is put right, requests are refused where it counts'
        : (ofController?.onInvalid?.effect ?? 'it has no effect');
      report(name, 'ParametersInvalid', `setting "${name}" is ${value}, wanted ${result.wanted}; ${effect}`);
      if (isStrict) values.set(key.name, ofFeature.invalidSetting);
      if (ofController?.onInvalid !== undefined)
        controller.set(key.name, ofController.onInvalid.salvage(typeof text === 'string' ? text : ''));
    } else (ofController === undefined ? values : controller).set(key.name, result.value);
  }
  return { values, controller, problems };
}
