import { Type } from 'typebox'
import { defineResource, type Cache } from '../resource'
import guide from './guide.md?raw'

const configuration = Type.Object({
  timeToLiveSeconds: Type.Optional(
    Type.Integer({
      title: 'Longest time to keep an entry',
      description: 'Seconds; 0 for as long as the token is good. An entry that expires earlier by itself goes earlier.',
      minimum: 0,
      maximum: 31_536_000,
      default: 600,
    }),
  ),
  maxEntriesLocalHeap: Type.Optional(
    Type.Integer({
      title: 'Most entries',
      description: 'When there are more, the one that was stored first goes.',
      minimum: 1,
      maximum: 1_000_000,
      default: 1000,
    }),
  ),
})

export const cache = defineResource({
  id: 'cache',
  name: 'Cache',
  summary: 'Remembers values in memory for a while',
  icon: 'i-lucide-database-zap',
  configuration,
  guide,
  create(name, { timeToLiveSeconds = 600, maxEntriesLocalHeap = 1000 }) {
    const timeToLive = timeToLiveSeconds === 0 ? Number.POSITIVE_INFINITY : timeToLiveSeconds * 1000
    const bound = createCache(name, timeToLive, maxEntriesLocalHeap)
    return { bound, close: () => bound.clear() }
  },
})

/** @param timeToLive milliseconds */
function createCache(name: string, timeToLive: number, maxEntries: number): Cache & { clear(): void } {
  const entries = new Map<string, { readonly value: unknown; readonly expiresAt: number }>()
  return {
    kind: 'cache',
    name,
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      if (entry.expiresAt > Date.now()) return entry.value
      entries.delete(key)
      return undefined
    },
    set(key, value, expiresAt) {
      const now = Date.now()
      const until = Math.min(expiresAt, now + timeToLive)
      entries.delete(key)
      if (until <= now) return
      const oldest = entries.size >= maxEntries ? entries.keys().next() : undefined
      if (oldest?.done === false) entries.delete(oldest.value)
      entries.set(key, { value, expiresAt: until })
    },
    delete: (key) => void entries.delete(key),
    clear: () => entries.clear(),
  }
}
