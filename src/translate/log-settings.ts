// Settings of the controller about the access log.
import { goBool, parseRecordTemplate } from '../features/index.ts';
import type { LogSettings, RecordTemplate } from '../model/index.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import { readSetting, splitList, switchText } from './setting-values.ts';

const maxSkipped = 1_000;

const format: ControllerSetting<RecordTemplate> = {
  name: 'log-format-upstream',
  parse: parseRecordTemplate,
  valueText: 'text with the variables of [the list](configmap.md#variables)',
  defaultText: 'the format of the flag `--access-log-format`',
  doc: 'What a line of the access log holds. Empty values are `-`.',
  difference:
    'A closed list of variables, none of them with credentials; with another one the default holds.',
};

const escapesJson: ControllerSetting<boolean> = {
  name: 'log-format-escape-json',
  parse: goBool,
  valueText: switchText,
  defaultText: '`false`',
  doc: 'Whether values in `log-format-upstream` are escaped for strings of JSON; then empty values stay empty.',
};

const isOff: ControllerSetting<boolean> = {
  name: 'disable-access-log',
  parse: goBool,
  valueText: switchText,
  defaultText: '`false`',
  doc: 'Whether requests have no lines in the access log.',
};

const isHttpOff: ControllerSetting<boolean> = {
  ...isOff,
  name: 'disable-http-access-log',
  doc: 'The same: only HTTP has an access log.',
};

const skipped: ControllerSetting<readonly string[]> = {
  name: 'skip-access-log-urls',
  parse: (text) => {
    const paths = splitList(text);
    const isWhole = paths.length <= maxSkipped && paths.every((path) => /^\/[\x21-\x7e]*$/.test(path));
    return isWhole ? { value: paths } : { wanted: 'paths such as "/healthz,/ready"' };
  },
  valueText: 'paths with commas between, such as `/healthz,/ready`',
  defaultText: 'empty',
  doc: 'Requests for exactly these paths, whatever their query, have no lines in the access log.',
};

export const logSettings: readonly ControllerSetting[] = [format, escapesJson, isOff, isHttpOff, skipped];

export function readLogSettings(values: ControllerValues): LogSettings {
  return {
    isOff: (readSetting(values, isOff) ?? false) || (readSetting(values, isHttpOff) ?? false),
    template: readSetting(values, format) ?? null,
    escapesJson: readSetting(values, escapesJson) ?? false,
    skippedPaths: readSetting(values, skipped) ?? [],
  };
}
