/** A value as text that is the same for the same content, whatever the order of its members. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : member,
  )
}

export function sameContent(a: unknown, b: unknown): boolean {
  return a === b || canonical(a) === canonical(b)
}
