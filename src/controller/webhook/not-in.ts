// The difference of two lists as sets with repetitions.

/** The members of `some` that `others` does not have, each as often as it has more of them. */
export function notIn<Member>(
  some: readonly Member[],
  others: readonly Member[],
  keyOf: (member: Member) => string,
): Member[] {
  const counts = new Map<string, number>();
  for (const each of others) counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1);
  return some.filter((each) => {
    const count = counts.get(keyOf(each)) ?? 0;
    counts.set(keyOf(each), count - 1);
    return count <= 0;
  });
}
