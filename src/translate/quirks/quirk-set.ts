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
  { quirks = noQuirks, quirksAreFixed = false }: Pick<TranslateOptions, 'quirks' | 'quirksAreFixed'>,
  defaults: AnnotationValues,
  own: AnnotationValues,
): QuirkSet {
  if (quirksAreFixed) return quirks;
  const changed = changeQuirks(quirks, readValue(defaults, quirksKey) ?? []);
  return changeQuirks(changed, readValue(own, quirksKey) ?? []);
}
