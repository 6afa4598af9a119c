import type { Context, HandlersOf } from './context'
import { domainOf } from './lookup'

/** How many entries are answered unless a caller says otherwise. */
const DEFAULT_LIMIT = 100

/** The audit log of a domain. */
export function auditHandlers({ store, audit }: Context): HandlersOf<'audit'> {
  return {
    'audit.list': async ({ domainId, filter = {}, limit = DEFAULT_LIMIT, before }) =>
      audit.list(domainOf(store, domainId).id, filter, limit, before),
    'audit.clear': async ({ domainId }) => {
      await audit.clear(domainOf(store, domainId).id)
      return {}
    },
  }
}
