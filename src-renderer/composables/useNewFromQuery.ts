import { computed } from 'vue'
import { useRoute, useRouter, type RouteLocationRaw } from 'vue-router'

/** A “new” dialog that an address can open: `?new=1`, so that other pages and the palette can lead to it. */
export function useNewFromQuery() {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => route.query.new !== undefined,
    set: (open: boolean) => {
      const { new: _new, ...query } = route.query
      void router.replace({ query: open ? { ...query, new: '1' } : query })
    },
  })
}

/** Leads from a list to what was made there: first to the list without its dialog, so that Back does not open it again. */
export function useWayToNew() {
  const router = useRouter()
  return async (to: RouteLocationRaw): Promise<void> => {
    await router.replace({ query: {} })
    await router.push(to)
  }
}
