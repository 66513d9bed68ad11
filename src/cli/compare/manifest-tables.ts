// Tables out of manifests for a comparison: the same objects with other quirks, or other objects.
import { buildTranslateSettings } from '../../config/index.ts';
import { allQuirks, type QuirkName, type QuirkSet } from '../../features/index.ts';
import type { RouteTable } from '../../model/index.ts';
import { Translator } from '../../translate/index.ts';
import type { ManifestFlags, ReadObjects } from '../manifest-input.ts';
import { translateOptions } from '../translate-options.ts';

/** `quirksOff` null: as the flags say; else all quirks are on unless the objects say otherwise, but for these. */
export function tableOf(
  { changes, allowsLoopback }: ReadObjects,
  flags: ManifestFlags,
  nowMs: number,
  quirksOff: QuirkSet | null,
): RouteTable {
  const settings = { ...buildTranslateSettings(flags), configMap: flags.configmap };
  const options = translateOptions(settings, [], allowsLoopback);
  const translator = new Translator(
    quirksOff === null ? options : { ...options, quirks: allQuirks, quirksOff },
  );
  translator.apply(changes, nowMs);
  return translator.table;
}

/** All quirks but this one. */
export function allBut(quirk: QuirkName): QuirkSet {
  return new Set([...allQuirks].filter((each) => each !== quirk));
}
