import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * The entry of a list that a person has chosen, which stands in the address: the one named there, or else the first.
 *
 * @param parameter of the query, e.g. plan
 */
export function useChosenEntry<T>(parameter: string, entries: () => readonly T[], keyOf: (entry: T) => string) {
  const route = useRoute()
  const router = useRouter()
  /** Its place; -1 while there is none. */
  const chosen = computed(() => {
    const at = entries().findIndex((entry) => keyOf(entry) === route.query[parameter])
    return at < 0 && entries().length > 0 ? 0 : at
  })
  const choose = (key: string) => void router.replace({ query: { [parameter]: key } })
  return { chosen, choose }
}
