import type { Context, HandlersOf } from './context'

/** How many records are answered unless a caller says otherwise. */
const DEFAULT_LIMIT = 200

export function trafficHandlers({ traffic }: Context): HandlersOf<'traffic'> {
  return {
    'traffic.list': async ({ limit = DEFAULT_LIMIT }) => traffic.newest(limit),
    'traffic.clear': async () => {
      traffic.clear()
      return {}
    },
  }
}
