import type { Context, HandlersOf } from './context'
import { engineUnavailable } from './running/refusals'

export function engineHandlers({ engine, running, exclusive }: Context): HandlersOf<'engine'> {
  return {
    'engine.status': async () => engine.status(),
    'engine.restart': () =>
      exclusive(async () => {
        try {
          await engine.restart()
        } catch {
          throw engineUnavailable(engine.status())
        }
        await running.reload()
        return engine.status()
      }),
  }
}
