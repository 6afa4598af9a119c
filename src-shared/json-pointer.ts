/** One name as a part of a JSON pointer (RFC 6901 §3). */
export function escapePointer(name: string | number): string {
  return String(name).replaceAll('~', '~0').replaceAll('/', '~1')
}

/** What a JSON pointer leads to; undefined where there is nothing. */
export function valueAt(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (parent, name) =>
        typeof parent === 'object' && parent !== null
          ? (parent as Record<string, unknown>)[name.replaceAll('~1', '/').replaceAll('~0', '~')]
          : undefined,
      value,
    )
}
