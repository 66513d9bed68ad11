// The ConfigMaps that `proxy-set-headers` and `add-headers` name: each key is the name of a field, its text a template of the value.
import { parseRequestTemplate, type ParseResult } from '../features/index.ts';
import type { ConfigMap } from '../kube/index.ts';
import {
  type FieldTemplate,
  type ObjectKey,
  type ObjectRef,
  type Problem,
  splitObjectKey,
} from '../model/index.ts';
import { compareText } from '../std/compare-text.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import { addHeaders, isFieldName, setHeaders } from './field-settings.ts';
import { quoteValue } from './problems.ts';
import { readSetting } from './setting-values.ts';

const maxFields = 100;

/** Framing, and what is said of a request by us alone. */
const notForRequests =
  /^(?:connection|content-length|expect|forwarded|host|http2-settings|keep-alive|proxy|proxy-.*|ssl-client-.*|te|trailer|transfer-encoding|upgrade|x-forwarded-host|x-request-id)$/;
const notForResponses =
  /^(?:connection|content-length|date|http2-settings|keep-alive|proxy-.*|server|strict-transport-security|te|trailer|transfer-encoding|upgrade)$/;

export interface MappedFields {
  readonly requestFields: readonly FieldTemplate[];
  readonly responseFields: readonly FieldTemplate[];
  readonly problems: readonly Problem[];
}

const noFields: MappedFields = { requestFields: [], responseFields: [], problems: [] };

export class FieldMaps {
  readonly #maps = new Map<ObjectKey, ConfigMap>();
  #values: ControllerValues | null = null;
  /** What the last reading was made of, and gave. */
  #sources: readonly (ConfigMap | undefined)[] = [];
  #fields: MappedFields = noFields;

  /** Null: it is gone. */
  set(key: ObjectKey, configMap: ConfigMap | null): void {
    if (configMap === null) this.#maps.delete(key);
    else this.#maps.set(key, configMap);
  }

  /** The same object while nothing has changed. */
  read(values: ControllerValues): MappedFields {
    const keys = [readSetting(values, setHeaders), readSetting(values, addHeaders)];
    const sources = keys.map((key) => (key === undefined ? undefined : this.#maps.get(key)));
    const isSame =
      values === this.#values && sources.every((source, index) => source === this.#sources[index]);
    if (isSame) return this.#fields;
    this.#values = values;
    this.#sources = sources;
    const problems: Problem[] = [];
    const [setKey, addKey] = keys;
    this.#fields = {
      requestFields: this.#readMap(setHeaders, setKey, notForRequests, problems),
      responseFields: this.#readMap(addHeaders, addKey, notForResponses, problems),
      problems,
    };
    return this.#fields;
  }

  #readMap(
    setting: ControllerSetting,
    key: ObjectKey | undefined,
    refused: RegExp,
    problems: Problem[],
  ): readonly FieldTemplate[] {
    if (key === undefined) return [];
    const object: ObjectRef = { kind: 'ConfigMap', ...splitObjectKey(key) };
    const report = (field: string, message: string): void => {
      problems.push({ code: 'ParametersInvalid', severity: 'error', object, field, message });
    };
    const configMap = this.#maps.get(key);
    if (configMap === undefined) {
      report('', `the ConfigMap that setting "${setting.name}" names does not exist; it sets no field`);
      return [];
    }
    const fields: FieldTemplate[] = [];
    for (const [name, text] of Object.entries(configMap.data ?? {}).sort(([a], [b]) => compareText(a, b))) {
      const field = readField(name, text, refused);
      if (fields.length === maxFields)
        report('data', `the ConfigMap has more than ${maxFields} fields; ${quoteValue(name)} has no effect`);
      else if ('value' in field) fields.push(field.value);
      else
        report(
          `data[${name}]`,
          `field ${quoteValue(name)} of setting "${setting.name}": wanted ${field.wanted}; it has no effect`,
        );
    }
    return fields;
  }
}

function readField(name: string, text: unknown, refused: RegExp): ParseResult<FieldTemplate> {
  if (!isFieldName(name)) return { wanted: 'a name of letters, digits, "-" and "_"' };
  if (refused.test(name.toLowerCase()))
    return { wanted: 'a field that is not the business of the proxy alone' };
  const value = parseRequestTemplate(typeof text === 'string' ? text.trim() : '\0');
  return 'value' in value ? { value: { name, value: value.value } } : value;
}
