/**
 * The `code` of an error of node's or of a library's: ENOENT, EADDRINUSE, UND_ERR_SOCKET … Where several addresses were tried (localhost
 * as ::1 and 127.0.0.1), the first speaks for them. Undefined where there is none.
 */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
