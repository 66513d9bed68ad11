// Under which name a request owns fields.
import { byteLength } from '../../kube/index.ts';

/** Bytes; the limit of the `fieldManager` option. */
const maxNameBytes = 128;

const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** The `fieldManager` option, else what the User-Agent says before its first slash, in printable characters. */
export function managerNameOf(fieldManager: string, userAgent: string): string {
  if (fieldManager !== '') return fieldManager;
  const [product = ''] = userAgent.split('/', 1);
  let name = '';
  let bytes = 0;
  for (const char of product.slice(0, 1024).toWellFormed().replace(unprintable, '')) {
    bytes += byteLength(char);
    if (bytes > maxNameBytes) break;
    name += char;
  }
  return name;
}
