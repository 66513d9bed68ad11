// Whose requests are answered 403 whatever they ask for: by address, user agent or referer.
import type { BlockLists, FieldPattern } from '../model/index.ts';
import { compileLinearRegex, maxRequestSteps, takenSteps } from '../std/linear-regex/index.ts';
import { compileTrust } from '../wire/forwarded/index.ts';

export interface BlockedRequest {
  readonly clientAddress: string;
  readonly head: { readonly userAgent: string; readonly referer: string };
}

/** Null: nobody is blocked. */
export type BlockTest = ((request: BlockedRequest) => boolean) | null;

/** What is left of the steps of one request. */
interface Budget {
  steps: number;
}

export function compileBlockLists({ cidrs, userAgents, referers }: BlockLists): BlockTest {
  if (cidrs.length + userAgents.length + referers.length === 0) return null;
  const isListed = compileTrust(cidrs);
  const isAgent = compilePatterns(userAgents);
  const isReferer = compilePatterns(referers);
  return ({ clientAddress, head }) => {
    if (isListed(clientAddress)) return true;
    const budget = { steps: maxRequestSteps };
    return isAgent(head.userAgent, budget) || isReferer(head.referer, budget);
  };
}

function compilePatterns(patterns: readonly FieldPattern[]): (value: string, budget: Budget) => boolean {
  const texts = new Set(patterns.flatMap((each) => (each.kind === 'whole' ? [each.text] : [])));
  const regexes = patterns.flatMap((each) => {
    if (each.kind === 'whole') return [];
    const compiled = compileLinearRegex(each.pattern, { ignoreCase: each.ignoresCase });
    return compiled.ok ? [compiled.regex] : [];
  });
  return (value, budget) => {
    if (value === '') return false;
    if (texts.size > 0 && texts.has(value.toLowerCase())) return true;
    for (const regex of regexes) {
      // Too costly counts as found: what keeps out does not give up on long values.
      if (regex.searchWithin(value, budget.steps) !== false) return true;
      budget.steps -= takenSteps();
    }
    return false;
  };
}
