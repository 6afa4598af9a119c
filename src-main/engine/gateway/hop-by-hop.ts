import type { Headers } from './exchange'

/** Of one connection only, never passed on (RFC 9110 §7.6.1, RFC 9113 §8.2.2). */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** Whether a header belongs to this hop alone: by its name, or because `Connection` names it. */
export function hopByHop(headers: Headers): (name: string) => boolean {
  const { connection } = headers
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return isAlwaysHopByHop
  const named = new Set(
    String(connection)
      .toLowerCase()
      .split(/[\s,]+/),
  )
  return (name) => HOP_BY_HOP.has(name) || named.has(name)
}

const isAlwaysHopByHop = (name: string): boolean => HOP_BY_HOP.has(name)
