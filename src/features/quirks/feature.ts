// quirks: which quirks of ingress-nginx the routing of an Ingress has. Acts in translate/, on no request.
import type { AnnotationKey, Feature, ParseResult } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { refuseControls } from '../values.ts';
import { quirkDeclarations, type QuirkName, type QuirkSet } from './declarations.ts';

export interface QuirkChange {
  readonly quirk: QuirkName;
  readonly isOn: boolean;
}

const names = quirkDeclarations.map(({ name }) => name);

function parseChanges(text: string): ParseResult<readonly QuirkChange[]> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const changes: QuirkChange[] = [];
  for (const part of text.split(',')) {
    const word = part.trim();
    if (word === '') continue;
    const isOn = !word.startsWith('-');
    const quirk = names.find((name) => name === (isOn ? word : word.slice(1)));
    if (quirk === undefined)
      return {
        wanted: `names of [${names.join(' ')}] with commas between, "-" before one that is to be off`,
      };
    changes.push({ quirk, isOn });
  }
  return { value: changes };
}

export const quirksKey: AnnotationKey<readonly QuirkChange[]> = {
  name: 'quirks',
  dialect: 'sallyport',
  setting: 'sallyport-quirks',
  parse: parseChanges,
  scope: 'route',
  risk: 'low',
  onInvalid: 'default',
  defaultText: 'those of the flag `--compatibility`',
  valueText: 'names of [quirks](quirks.md) with commas between, `-` before one that is to be off',
  doc: 'Turns quirks of ingress-nginx on and off for the paths of this Ingress, over those of its class, of the ConfigMap and of the flag.',
};

/** `base` with one change after the other; the same set where nothing changes. */
export function changeQuirks(base: QuirkSet, changes: readonly QuirkChange[]): QuirkSet {
  if (changes.every(({ quirk, isOn }) => base.has(quirk) === isOn)) return base;
  const quirks = new Set(base);
  for (const { quirk, isOn } of changes) {
    if (isOn) quirks.add(quirk);
    else quirks.delete(quirk);
  }
  return quirks;
}

export const quirks: Feature = defineFeature({
  name: 'quirks',
  doc: 'Chooses the quirks of ingress-nginx that the routing of an Ingress has.',
  keys: [quirksKey],
  after: [],
  compile: () => null,
  describe: () => 'quirks',
});
