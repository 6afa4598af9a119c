/** The path of a request target, without query; one in absolute form (RFC 9112 §3.2.2) may carry credentials before its host. */
export function targetPath(target = '/'): string {
  const query = target.indexOf('?')
  const whole = query < 0 ? target : target.slice(0, query)
  return whole.startsWith('/') ? whole : whole.replace(/^[^/]*\/\/[^/]*/, '') || '/'
}

/** The path as records keep it: thousands of them stay in memory, and a caller may send any length. */
export function recordedPath(target: string | undefined): string {
  return targetPath(target).slice(0, 512)
}
