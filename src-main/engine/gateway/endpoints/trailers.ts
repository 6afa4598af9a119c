import type { Dispatcher } from 'undici'
import { HOP_BY_HOP } from '../hop-by-hop'

/** What is sent beside what undici knows of: fields that are there only when the body has been read. */
export interface DispatchOptionsWithTrailers extends Dispatcher.DispatchOptions {
  readonly trailers?: (() => Readonly<Record<string, string>>) | undefined
}

/** What frames a message, says who called or whether to let it in: to be read before a body, never after it (RFC 9110 §6.5.1). */
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'content-encoding', 'content-type', 'content-range', 'host', 'set-cookie', 'cookie', 'authorization', 'cache-control', 'expires', 'expect', 'via', 'forwarded', 'x-real-ip']) // prettier-ignore

const mayTrail = (name: string): boolean =>
  name !== '__proto__' &&
  !FRAMING.has(name) &&
  !HOP_BY_HOP.has(name) &&
  !/^x-(?:forwarded|gravitee|gatehouse)-/.test(name)

/** The fields after a body that are passed on. */
export function passable<T>(trailers: Record<string, T | undefined>): Record<string, T> {
  const passed: Record<string, T> = {}
  for (const name in trailers) {
    const value = trailers[name]
    if (value !== undefined && mayTrail(name)) passed[name] = value
  }
  return passed
}

/** The names that `Trailer` announces (RFC 9110 §6.6.2), but for those that are not passed on; undefined when none is left. */
export function announced(trailer: string | undefined): string | undefined {
  if (trailer === undefined) return undefined
  const names = trailer.split(',').map((name) => name.trim())
  return names.filter((name) => name !== '' && mayTrail(name.toLowerCase())).join(', ') || undefined
}
