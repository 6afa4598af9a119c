import { useThrottleFn } from '@vueuse/core'
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { DomainOverview } from '@shared/domain'
import type { OperationInput, OperationOutput } from '@shared/operations'
import type { Problem } from '@shared/problem'
import { call, onEvent, toProblem } from '@/client'
import { useProblemToast } from '@/composables/useProblemToast'

type Listing = 'grants.list' | 'sessions.list' | 'consents.list' | 'tokens.list'
/** Those that may be very many come in pages, of which the first is shown. */
type Row<N extends Listing> =
  OperationOutput<N> extends readonly (infer R)[] ? R : OperationOutput<N> extends { tokens: (infer R)[] } ? R : never

/** Whose: everybody's of the domain, or one user's. */
export interface Whose {
  readonly domain: DomainOverview
  readonly userId?: string | undefined
  /** Of one application alone, where the listing knows that. */
  readonly clientId?: string | undefined
}

/** Rows that are read at once. */
export const MOST_ROWS = 500

/** What has been given out and lasts, as a table of it needs it. */
export interface Live<T> {
  /** Undefined until it has been read. */
  readonly rows: ShallowRef<readonly T[] | undefined>
  /** Why it could not be read. */
  readonly problem: Ref<Problem | undefined>
  /** The key of the row that is being taken back. */
  readonly busy: Ref<string | undefined>
  readonly keyOf: (row: T) => string
  /** Takes back what a row stands for; a failure is told in a toast. */
  take(row: T): Promise<void>
}

/**
 * What a domain has given out, read anew whenever its authorization server has answered somebody.
 *
 * @param takeBack revokes or ends what a row stands for; rejects with ProblemError
 */
export function useLive<N extends Listing>(
  name: N,
  whose: Whose,
  keyOf: (row: Row<N>) => string,
  takeBack: (row: Row<N>) => Promise<unknown>,
): Live<Row<N>> {
  const { attempt } = useProblemToast()
  const rows = shallowRef<readonly Row<N>[]>()
  const problem = ref<Problem>()
  const busy = ref<string>()
  let latest = 0

  async function load(): Promise<void> {
    const own = ++latest
    const { domain, userId, clientId } = whose
    const asked = {
      domainId: domain.id,
      limit: MOST_ROWS,
      ...(userId === undefined ? {} : { userId }),
      ...(clientId === undefined ? {} : { clientId }),
    }
    try {
      const found = await call(name, asked as OperationInput<N>) // the listings are asked alike
      if (own === latest) [rows.value, problem.value] = [rowsOf(found), undefined]
    } catch (error) {
      if (own === latest) problem.value = toProblem(error)
    }
  }

  async function take(row: Row<N>): Promise<void> {
    busy.value = keyOf(row)
    await attempt(async () => {
      await takeBack(row)
      await load()
    })
    busy.value = undefined
  }

  const refresh = useThrottleFn(load, 1000, true)
  const isOurs = ({ domainPath }: { domainPath?: string }) => domainPath === whose.domain.path
  onScopeDispose(
    onEvent((event) => {
      if (event.type === 'traffic' && event.records.some(isOurs)) void refresh()
    }),
  )
  void load()
  return { rows, problem, busy, keyOf, take }
}

function rowsOf<N extends Listing>(found: OperationOutput<N>): readonly Row<N>[] {
  return (Array.isArray(found)
    ? found
    : (found as OperationOutput<'tokens.list'>).tokens) as unknown as readonly Row<N>[] // the compiler does not follow which listing has which
}

/** Whose a row is. */
export interface Owned {
  readonly userId?: string | undefined
  readonly username?: string | undefined
}

/** The user of a row, as people know them. */
export function userOf({ userId, username }: Owned): string {
  return username ?? (userId === undefined ? 'the application itself' : 'a user who is gone')
}

/** The application with a client id, as people know it. */
export function applicationOf({ domain }: Whose, clientId: string): string {
  return domain.applications.find((application) => application.clientId === clientId)?.name ?? clientId
}
