// Settings of the controller about fields of requests and responses, for all hosts.
import { goBool } from '../features/index.ts';
import { objectKey, type FieldTemplate, type ObjectKey, type TrafficSettings } from '../model/index.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import { readSetting, splitList, switchText } from './setting-values.ts';

const maxHidden = 100;

const reference: Pick<ControllerSetting<ObjectKey>, 'parse' | 'valueText' | 'defaultText'> = {
  parse: (text) =>
    /^[a-z0-9][a-z0-9.-]{0,252}\/[a-z0-9][a-z0-9.-]{0,252}$/.test(text)
      ? { value: objectKey(text.slice(0, text.indexOf('/')), text.slice(text.indexOf('/') + 1)) }
      : { wanted: 'a ConfigMap as "NAMESPACE/NAME"' },
  valueText: 'a ConfigMap, `NAMESPACE/NAME`',
  defaultText: 'none',
};

export const setHeaders: ControllerSetting<ObjectKey> = {
  name: 'proxy-set-headers',
  ...reference,
  doc: 'ConfigMap with fields that every request to an endpoint has, instead of those of the client of the same names. A value may hold [variables](configmap.md#variables); an empty one takes the field away. Followed while it changes.',
  difference:
    'A closed list of variables; `Host`, `X-Request-ID`, `X-Forwarded-Host` and the fields that frame a message stay ours.',
};

export const addHeaders: ControllerSetting<ObjectKey> = {
  name: 'add-headers',
  ...reference,
  doc: 'ConfigMap with fields that every response has, whatever its status and whoever gives it, instead of those of the same names. A value may hold [variables](configmap.md#variables). Followed while it changes.',
  difference:
    'A closed list of variables; the fields that frame a message, `Date`, `Server` and `Strict-Transport-Security` stay ours.',
};

const hideHeaders: ControllerSetting<readonly string[]> = {
  name: 'hide-headers',
  parse: (text) => {
    const names = splitList(text.toLowerCase());
    const isWhole = names.length <= maxHidden && names.every((name) => canHide(name));
    return isWhole
      ? { value: names }
      : { wanted: 'names of fields with commas between, none that frames a message' };
  },
  valueText: 'names of fields with commas between',
  defaultText: 'empty',
  doc: 'Fields that responses of endpoints lose.',
};

const serverTokens: ControllerSetting<boolean> = {
  name: 'server-tokens',
  parse: goBool,
  valueText: switchText,
  defaultText: 'that of the flag `--server-name`; the field `Server` of an endpoint passes',
  doc: 'Whether responses name this program in `Server`, without a version. `false`: they have no such field, an endpoint may say what it likes.',
  difference: 'Without the key an endpoint’s own `Server` passes. There is no version in ours.',
};

const backendServer: ControllerSetting<boolean> = {
  name: 'allow-backend-server-header',
  parse: goBool,
  valueText: switchText,
  defaultText: '`true` while neither this key nor `server-tokens` is there, else `false`',
  doc: 'Whether the field `Server` of an endpoint passes, instead of ours. Not with `server-tokens: "false"`.',
  difference: 'See `server-tokens`.',
};

const requestIds: ControllerSetting<boolean> = {
  name: 'generate-request-id',
  parse: goBool,
  valueText: switchText,
  defaultText: '`true`',
  doc: 'Whether a request without `X-Request-ID` gets one.',
};

const originalUri: ControllerSetting<boolean> = {
  name: 'proxy-add-original-uri-header',
  parse: goBool,
  valueText: switchText,
  defaultText: '`false`',
  doc: 'Whether endpoints are told the URI of the client in `X-Original-URI`.',
};

export const fieldSettings: readonly ControllerSetting[] = [
  setHeaders,
  addHeaders,
  hideHeaders,
  serverTokens,
  backendServer,
  requestIds,
  originalUri,
];

const originalUriField: FieldTemplate = {
  name: 'X-Original-URI',
  value: [{ kind: 'variable', name: 'request_uri' }],
};

/** Without the fields of ConfigMaps, which are put behind. */
export function readFieldSettings(
  values: ControllerValues,
): Pick<TrafficSettings, 'hiddenFields' | 'namesServer' | 'makesRequestIds' | 'requestFields'> {
  const tokens = readSetting(values, serverTokens);
  const ofBackend = readSetting(values, backendServer);
  const isBackendShown = tokens === undefined ? ofBackend !== false : tokens && ofBackend === true;
  const hidden = readSetting(values, hideHeaders) ?? [];
  return {
    hiddenFields: isBackendShown ? hidden : [...new Set([...hidden, 'server'])],
    namesServer: tokens ?? null,
    makesRequestIds: readSetting(values, requestIds) ?? true,
    requestFields: (readSetting(values, originalUri) ?? false) ? [originalUriField] : [],
  };
}

const framing = /^(?:connection|content-length|date|keep-alive|te|trailer|transfer-encoding|upgrade)$/;

function canHide(name: string): boolean {
  return isFieldName(name) && !framing.test(name);
}

export function isFieldName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/.test(name);
}
