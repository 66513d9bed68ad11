// Whether two JSON values are the same. A member that is undefined is not there; the order of members means nothing.

export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => sameValue(item, right[index]))
    );
  }
  return sameMembers(left, right);
}

function sameMembers(left: object, right: object): boolean {
  const others = new Map<string, unknown>(Object.entries(right));
  for (const [name, value] of Object.entries(left)) {
    if (!sameValue(value, others.get(name))) return false;
    others.delete(name);
  }
  for (const value of others.values()) if (value !== undefined) return false;
  return true;
}
