// Templates of text with variables of a request: parsed once by the control plane, compiled once by each worker. The list of variables is
// closed, and what a request says is inserted as text that nobody reads again.

/** What is known when a request comes, by the names that nginx or ingress-nginx give it. */
export const requestVariables = [
  'args',
  'best_http_host',
  'content_type',
  'document_uri',
  'host',
  'http_host',
  'ingress_name',
  'is_args',
  'location_path',
  'namespace',
  'opentelemetry_context_traceparent',
  'opentelemetry_span_id',
  'opentelemetry_trace_id',
  'pass_access_scheme',
  'proxy_add_x_forwarded_for',
  'proxy_protocol_addr',
  'proxy_upstream_name',
  'query_string',
  'realip_remote_addr',
  'remote_addr',
  'req_id',
  'request_id',
  'request_method',
  'request_uri',
  'scheme',
  'server_protocol',
  'service_name',
  'service_port',
  'ssl_protocol',
  'the_real_ip',
  'uri',
] as const;

/** What is known when it is over, too. */
export const recordVariables = [
  'body_bytes_sent',
  'bytes_sent',
  'msec',
  'proxy_alternative_upstream_name',
  'remote_user',
  'request',
  'request_length',
  'request_time',
  'status',
  'time_iso8601',
  'time_local',
  'upstream_addr',
  'upstream_response_length',
  'upstream_response_time',
  'upstream_status',
] as const;

export type RequestVariable = (typeof requestVariables)[number];
export type RecordVariable = (typeof recordVariables)[number];

export type TemplatePart<Variable extends string = RequestVariable> =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: Variable }
  /** Lower-case name of a request field. */
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'cookie'; readonly name: string }
  /** Lower-case name of an argument of the query. */
  | { readonly kind: 'argument'; readonly name: string };

export type RequestTemplate = readonly TemplatePart[];
export type RecordTemplate = readonly TemplatePart<RequestVariable | RecordVariable>[];

/** A field whose value is made for each request. */
export interface FieldTemplate {
  readonly name: string;
  /** Empty: the field is taken away. */
  readonly value: RequestTemplate;
}
