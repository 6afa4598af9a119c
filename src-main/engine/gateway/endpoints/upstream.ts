import { Dispatcher, type buildConnector } from 'undici'
import type { DispatchOptionsWithTrailers } from './trailers'

/** A client of ours to one origin, which undici's own callers may use as well. */
export abstract class Upstream extends Dispatcher {
  #translated: Dispatcher['dispatch'] | undefined

  protected abstract send(options: DispatchOptionsWithTrailers, handler: Dispatcher.DispatchHandler): boolean

  override dispatch(options: DispatchOptionsWithTrailers, handler: Dispatcher.DispatchHandler): boolean {
    if (handler.onRequestStart !== undefined || !('onConnect' in handler)) return this.send(options, handler)
    // `request` and the Agent hand over handlers of an older kind, which undici translates wherever dispatchers are composed.
    this.#translated ??= this.compose((dispatch) => dispatch).dispatch
    return this.#translated(options, handler)
  }
}

/** What a connector is told of where to connect to; an address of IPv6 without its brackets. */
export const connectingTo = ({ protocol, hostname, host, port }: URL): buildConnector.Options => ({
  ...{ protocol, host, port },
  hostname: hostname.replace(/^\[|\]$/g, ''),
})
