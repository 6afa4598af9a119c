import { ref, shallowRef, watch } from 'vue'
import type { DomainOverview } from '@shared/domain'
import type { Problem } from '@shared/problem'
import type { GroupDetails, RoleDetails } from '@shared/users'
import { call, toProblem } from '@/client'

/** The roles and groups of a domain with how many have them, read anew whenever the domain changes. */
export function useDirectory(domain: () => DomainOverview) {
  const roles = shallowRef<RoleDetails[]>()
  const groups = shallowRef<GroupDetails[]>()
  const problem = ref<Problem>()
  let latest = 0

  async function load(): Promise<void> {
    const own = ++latest
    const asked = { domainId: domain().id }
    try {
      const found = await Promise.all([call('roles.list', asked), call('groups.list', asked)])
      if (own === latest) [roles.value, groups.value, problem.value] = [found[0], found[1], undefined]
    } catch (error) {
      if (own === latest) problem.value = toProblem(error)
    }
  }
  watch(domain, load, { immediate: true })

  return { roles, groups, problem }
}
