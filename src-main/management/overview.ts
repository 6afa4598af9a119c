import type { Context, HandlersOf } from './context'
import { performStep } from './walkthrough/perform'
import { resourceFault } from './walkthrough/resource-fault'
import { noteWalkthrough, walkthroughSteps } from './walkthrough/steps'

/** The walk-through, and the last minute in numbers. */
export function overviewHandlers({ store, engine, memory, traffic, running, call }: Context): HandlersOf<'overview'> {
  const gateway = () => {
    const status = engine.status().gateway
    return status.state === 'listening' ? status.address : undefined
  }
  return {
    'overview.get': async () => {
      const lastRefusal = traffic.find(({ server, refusal }) => server === 'gateway' && refusal !== undefined)
      return {
        steps: walkthroughSteps(store, memory, running.ownAuthorization()),
        live: traffic.live(),
        ...(lastRefusal ? { lastRefusal } : {}),
      }
    },
    'overview.perform': async ({ step }) => {
      await performStep(
        call,
        gateway,
        (resource) => resourceFault(store, running.ownAuthorization(), resource) === undefined,
        step,
      )
      // The record of the call has arrived with it; it counts now, not with the next batch.
      noteWalkthrough(store, memory, running.ownAuthorization(), traffic.newest(20))
      return { steps: walkthroughSteps(store, memory, running.ownAuthorization()) }
    },
  }
}
