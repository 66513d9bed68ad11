// Which quirks an Ingress has: those of the options, changed by the settings of its class, changed by its own annotation.
import {
  type AnnotationValues,
  changeQuirks,
  noQuirks,
  quirksKey,
  readValue,
  type QuirkSet,
} from '../../features/index.ts';
import type { TranslateOptions } from '../options.ts';

/** `defaults`: what settings say; `own`: what the Ingress says. */
export function quirksOf(
  { quirks = noQuirks, quirksOff = noQuirks }: Pick<TranslateOptions, 'quirks' | 'quirksOff'>,
  defaults: AnnotationValues,
  own: AnnotationValues,
): QuirkSet {
  const changed = changeQuirks(quirks, readValue(defaults, quirksKey) ?? []);
  const chosen = changeQuirks(changed, readValue(own, quirksKey) ?? []);
  return changeQuirks(
    chosen,
    [...quirksOff].map((quirk) => ({ quirk, isOn: false })),
  );
}
