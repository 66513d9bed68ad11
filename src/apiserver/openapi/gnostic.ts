// A Swagger 2.0 document as the protobuf message `openapi.v2.Document` (google/gnostic-models openapiv2/OpenAPIv2.proto), the only form
// that kubectl before 1.27 reads. Encodes what our documents hold.
import type { JsonSchema } from './dialect.ts';
import { booleanField, messageField, textField, textFields } from './protobuf-writer.ts';

type Parts = Uint8Array[];

export function encodeDocument(document: JsonSchema): Uint8Array {
  const info = member(document, 'info');
  return Buffer.concat([
    ...textField(1, document['swagger']),
    ...messageField(2, textField(1, info['title']), textField(2, info['version'])),
    ...messageField(8, named(2, member(document, 'paths'), encodePathItem)),
    ...messageField(9, named(1, member(document, 'definitions'), encodeSchema)),
  ]);
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function member(object: JsonSchema, name: string): JsonSchema {
  const value = object[name];
  return isObject(value) ? value : {};
}

function list(value: unknown): readonly JsonSchema[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** A map as repeated pairs of name (1) and value (2). */
function named(field: number, map: JsonSchema, encode: (value: JsonSchema) => Parts): Parts {
  return Object.entries(map).flatMap(([name, value]) =>
    isObject(value) ? messageField(field, textField(1, name), messageField(2, encode(value))) : [],
  );
}

/** Vendor extensions: pairs of name and Any {yaml 2}; JSON is YAML. */
function extensions(field: number, object: JsonSchema): Parts {
  return Object.entries(object).flatMap(([name, value]) =>
    name.startsWith('x-')
      ? messageField(field, textField(1, name), messageField(2, textField(2, JSON.stringify(value))))
      : [],
  );
}

const operationFields: Readonly<Record<string, number>> = { get: 2, put: 3, post: 4, delete: 5, patch: 8 };

function encodePathItem(item: JsonSchema): Parts {
  return Object.entries(item).flatMap(([method, operation]) => {
    const field = operationFields[method];
    return field === undefined || !isObject(operation) ? [] : messageField(field, encodeOperation(operation));
  });
}

function encodeOperation(operation: JsonSchema): Parts {
  return [
    ...textField(3, operation['description']),
    ...textField(5, operation['operationId']),
    ...textFields(6, operation['produces']),
    ...textFields(7, operation['consumes']),
    // ParametersItem {parameter 1}.
    ...list(operation['parameters']).flatMap((parameter) =>
      messageField(8, messageField(1, encodeParameter(parameter))),
    ),
    ...messageField(9, named(1, member(operation, 'responses'), encodeResponse)),
    ...extensions(13, operation),
  ];
}

/** Parameter {body_parameter 1, non_body_parameter 2 {query 3, path 4}}. */
function encodeParameter(parameter: JsonSchema): Parts {
  const place = parameter['in'];
  if (place === 'body') {
    return messageField(
      1,
      textField(2, parameter['name']),
      textField(3, place),
      booleanField(4, parameter['required']),
      messageField(5, encodeSchema(member(parameter, 'schema'))),
    );
  }
  const common = [
    ...booleanField(1, parameter['required']),
    ...textField(2, place),
    ...textField(3, parameter['description']),
    ...textField(4, parameter['name']),
  ];
  return place === 'path'
    ? messageField(2, messageField(4, common, textField(5, parameter['type'])))
    : messageField(2, messageField(3, common, textField(6, parameter['type'])));
}

/** ResponseValue {response 1 {description 1, schema 2 {schema 1}}}. */
function encodeResponse(response: JsonSchema): Parts {
  const schema = response['schema'];
  return messageField(
    1,
    textField(1, response['description']),
    isObject(schema) ? messageField(2, messageField(1, encodeSchema(schema))) : [],
  );
}

function encodeSchema(schema: JsonSchema): Parts {
  const { properties, additionalProperties, items } = schema;
  return [
    ...textField(1, schema['$ref']),
    ...textField(2, schema['format']),
    ...textField(3, schema['title']),
    ...textField(4, schema['description']),
    ...textField(13, schema['pattern']),
    ...textFields(19, schema['required']),
    ...(Array.isArray(schema['enum'])
      ? schema['enum'].flatMap((value) => messageField(20, textField(2, JSON.stringify(value))))
      : []),
    ...(isObject(additionalProperties)
      ? messageField(21, messageField(1, encodeSchema(additionalProperties)))
      : []),
    ...(typeof schema['type'] === 'string' ? messageField(22, textField(1, schema['type'])) : []),
    ...(isObject(items) ? messageField(23, messageField(1, encodeSchema(items))) : []),
    ...(isObject(properties) ? messageField(25, named(1, properties, encodeSchema)) : []),
    ...extensions(31, schema),
  ];
}
