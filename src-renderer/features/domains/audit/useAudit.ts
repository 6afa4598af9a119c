import { ref, shallowRef, watch, onScopeDispose, type Ref } from 'vue'
import { useDebounceFn, useThrottleFn } from '@vueuse/core'
import type { AuditEntry, AuditEvent, AuditFilter } from '@shared/audit'
import type { Problem } from '@shared/problem'
import { call, onEvent, toProblem } from '@/client'

/** Entries asked for at a time. */
const PAGE = 100

export interface AuditQuery {
  text: string
  event: AuditEvent | 'all'
  outcome: AuditEntry['outcome'] | 'all'
}

function filterOf({ text, event, outcome }: AuditQuery): AuditFilter {
  return {
    ...(text.trim() === '' ? {} : { text: text.trim().slice(0, 256) }),
    ...(event === 'all' ? {} : { events: [event] }),
    ...(outcome === 'all' ? {} : { outcomes: [outcome] }),
  }
}

/** The audit log of a domain as it grows, newest first, by what is looked for. */
export function useAudit(domain: { readonly id: string; readonly path: string }, query: Ref<AuditQuery>) {
  const entries = shallowRef<AuditEntry[]>([])
  const hasMore = ref(false)
  const loaded = ref(false)
  const problem = ref<Problem>()
  /** Counts the loads: an answer that a later one has overtaken is not shown. */
  let latest = 0

  async function load(): Promise<void> {
    const own = ++latest
    try {
      const limit = Math.max(PAGE, entries.value.length)
      const found = await call('audit.list', {
        domainId: domain.id,
        filter: filterOf(query.value),
        limit: Math.min(limit, 1000),
      })
      if (own !== latest) return
      entries.value = found
      hasMore.value = found.length >= PAGE
      problem.value = undefined
    } catch (error) {
      if (own === latest) problem.value = toProblem(error)
    } finally {
      loaded.value = true
    }
  }

  async function loadOlder(): Promise<void> {
    const before = entries.value.at(-1)?.seq
    if (before === undefined) return
    const own = ++latest
    try {
      const older = await call('audit.list', {
        domainId: domain.id,
        filter: filterOf(query.value),
        limit: PAGE,
        before,
      })
      if (own !== latest) return
      entries.value = [...entries.value, ...older]
      hasMore.value = older.length === PAGE
    } catch (error) {
      problem.value = toProblem(error)
    }
  }

  async function clear(): Promise<void> {
    await call('audit.clear', { domainId: domain.id })
    entries.value = []
    hasMore.value = false
  }

  const refresh = useThrottleFn(load, 500, true)
  const stop = onEvent((event) => {
    if (event.type === 'traffic' && event.records.some(({ domainPath }) => domainPath === domain.path)) void refresh()
  })
  onScopeDispose(stop)
  watch(query, useDebounceFn(load, 150), { deep: true })
  void load()

  return { entries, hasMore, loaded, problem, loadOlder, clear }
}
