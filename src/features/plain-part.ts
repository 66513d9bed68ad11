// What a part of a template stands for, by the view of a request alone: for those who decide about requests without a connection. What only
// a connection knows is empty. The data plane has a reading of its own (proxy/text-template.ts).
import type { RequestVariable, TemplatePart } from '../model/index.ts';
import { lookupArgument } from '../wire/http1/field-value.ts';
import type { RequestView } from './contract.ts';

type PlainView = Omit<RequestView, 'read' | 'field' | 'fieldValues'>;

const readers: Readonly<Partial<Record<RequestVariable, (view: PlainView) => string>>> = {
  args: ({ query }) => query.slice(1),
  best_http_host: ({ authority }) => authority,
  document_uri: ({ path }) => path,
  host: ({ host }) => host,
  http_host: ({ authority }) => authority,
  is_args: ({ query }) => (query === '' ? '' : '?'),
  pass_access_scheme: ({ scheme }) => scheme,
  query_string: ({ query }) => query.slice(1),
  remote_addr: ({ clientAddress }) => clientAddress,
  request_method: ({ method }) => method,
  request_uri: ({ path, query }) => path + query,
  scheme: ({ scheme }) => scheme,
  the_real_ip: ({ clientAddress }) => clientAddress,
  uri: ({ path }) => path,
};

/** `field`: the value of the first request field of a name in lower case. */
export function readPlainPart(part: TemplatePart, view: PlainView, field: (name: string) => string): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'header':
      return field(part.name);
    case 'argument':
      return lookupArgument(view.query, part.name);
    case 'variable':
      return readers[part.name]?.(view) ?? '';
    case 'cookie':
      return '';
    default:
      return part satisfies never;
  }
}
