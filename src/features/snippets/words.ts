// The words of advice: names of annotations in full, and values in quotes.
import { renderKey } from '../keys.ts';

export interface Advice {
  /** A phrase without a final period. */
  readonly text: string;
  /** Leaving the directive out could let somebody in. */
  readonly isProtective: boolean;
}

const longestValue = 400;

export const none = 'no annotation replaces it';

export function nginxKey(name: string): string {
  return renderKey({ dialect: 'nginx', name });
}

export function ownKey(name: string): string {
  return renderKey({ dialect: 'sallyport', name });
}

export function use(key: string, value: string): string {
  const text = value.length > longestValue ? `${value.slice(0, longestValue)}…` : value;
  return `use annotation "${key}" with ${JSON.stringify(text)}`;
}
