/** The scopes of a token's claims, by RFC 9068 §2.2.3 one text with spaces; others have a list, or call it scp. */
export function scopesOf({ scope, scp }: Readonly<Record<string, unknown>>): readonly string[] {
  return readScopes(scope) ?? readScopes(scp) ?? []
}

function readScopes(value: unknown): string[] | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim().split(/\s+/)
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined
}

/** Those of the required scopes that a token lacks, and whether what it has is enough. @param all every one is required, else one is enough */
export function lackingScopes(
  required: readonly string[],
  scopes: readonly string[],
  all: boolean,
): { readonly lacking: readonly string[]; readonly enough: boolean } {
  const lacking = required.filter((scope) => !scopes.includes(scope))
  return { lacking, enough: all ? lacking.length === 0 : required.length === 0 || lacking.length < required.length }
}

/** What is required, in words. */
export function requiredInWords(scopes: readonly string[], all: boolean): string {
  if (scopes.length === 1) return `scope ${scopes[0]} is required`
  return all ? `scopes ${scopes.join(', ')} are required` : `one of the scopes ${scopes.join(', ')} is required`
}
