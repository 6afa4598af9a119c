/** Gravitee's load balancers; weights count in the weighted ones alone. */
export const LOAD_BALANCERS = ['round-robin', 'random', 'weighted-round-robin', 'weighted-random'] as const
export type LoadBalancer = (typeof LOAD_BALANCERS)[number]

/** Gravitee writes `round-robin` in definitions and `ROUND_ROBIN` in its management API; both are read. */
export function loadBalancerOf(type = 'round-robin'): LoadBalancer | undefined {
  const wanted = type.toLowerCase().replaceAll('_', '-')
  return LOAD_BALANCERS.find((known) => known === wanted)
}

/** Gives the endpoint of the next request; undefined when there are none. */
export function balanced<T extends { readonly weight: number }>(
  endpoints: readonly T[],
  type: LoadBalancer,
): () => T | undefined {
  if (endpoints.length < 2) return () => endpoints[0]
  // A wheel on which each has as many places as it weighs: Gravitee's weighted ones send runs of requests to each in turn.
  const places = endpoints.map(({ weight }) => (type.startsWith('weighted') ? weight : 1))
  const total = places.reduce((sum, count) => sum + count)
  const at = (place: number): T | undefined => {
    let end = 0
    return endpoints.find((_, i) => place < (end += places[i]!))
  }
  if (type.endsWith('random')) return () => at(Math.floor(Math.random() * total))
  let turn = 0
  return () => {
    const endpoint = at(turn)
    turn = (turn + 1) % total
    return endpoint
  }
}
