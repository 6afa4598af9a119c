import { computed, ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import type { DomainOverview } from '@shared/domain'
import type { OperationOutput } from '@shared/operations'
import type { Problem } from '@shared/problem'
import type { UserStatus } from '@shared/users'
import { call, toProblem } from '@/client'

/** Users on a page. */
export const PAGE_SIZE = 50

const statuses: readonly UserStatus[] = ['active', 'no-password', 'locked', 'disabled']

/** What of the users is looked at. It stands in the address, so that it is there again when one comes back from a user. */
export interface UserFilter {
  readonly search?: string
  readonly status?: UserStatus
  readonly roleId?: string
  readonly groupId?: string
  /** From 1. */
  readonly page: number
}

type QueryPart = 'search' | 'status' | 'role' | 'group'

function filterOf(query: LocationQuery): UserFilter {
  const text = (name: string) => (typeof query[name] === 'string' && query[name] !== '' ? query[name] : undefined)
  const [search, roleId, groupId] = [text('search'), text('role'), text('group')]
  const status = statuses.find((each) => each === query.status)
  return {
    page: Math.max(1, Math.trunc(Number(text('page') ?? 1)) || 1),
    ...(search === undefined ? {} : { search }),
    ...(status === undefined ? {} : { status }),
    ...(roleId === undefined ? {} : { roleId }),
    ...(groupId === undefined ? {} : { groupId }),
  }
}

/** A page of a domain's users, read anew whenever the domain or the filter changes. */
export function useUserList(domain: () => DomainOverview) {
  const route = useRoute()
  const router = useRouter()
  const filter = computed(() => filterOf(route.query))
  const found = shallowRef<OperationOutput<'users.list'>>()
  const problem = ref<Problem>()
  let latest = 0

  async function load(): Promise<void> {
    const own = ++latest
    const { page, ...wanted } = filter.value
    try {
      const asked = { domainId: domain().id, ...wanted, limit: PAGE_SIZE }
      const answer = await call('users.list', { ...asked, offset: (page - 1) * PAGE_SIZE })
      if (own !== latest) return
      ;[found.value, problem.value] = [answer, undefined]
      const last = Math.max(1, Math.ceil(answer.total / PAGE_SIZE))
      if (page > last) show({ page: last })
    } catch (error) {
      if (own === latest) problem.value = toProblem(error)
    }
  }

  /** Looks at something else, from its first page unless another is named. An empty text stands for everything. */
  function show({
    page = 1,
    ...parts
  }: Readonly<Partial<Record<QueryPart, string>>> & { readonly page?: number }): void {
    const query = { ...route.query, ...parts, page: page > 1 ? String(page) : '' }
    void router.replace({ query: Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '')) })
  }

  watch([domain, () => JSON.stringify(filter.value)], load, { immediate: true })
  return { filter, found, problem, show }
}
