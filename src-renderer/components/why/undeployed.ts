import type { ApiState } from '@shared/operations'
import type { RequestRecord } from '@shared/traffic'

/** Where no deployed API has taken a request: the draft that takes its path as soon as it is deployed, the longest path first. */
export function undeployedFor(
  { refusal, path }: RequestRecord,
  apis: readonly ApiState[],
): { api: ApiState; path: string } | undefined {
  if (refusal?.key !== 'GATEWAY_NO_CONTEXT_PATH') return undefined
  const matching = apis
    .filter(({ inSync }) => !inSync)
    .flatMap((api) => api.definition.listeners.flatMap(({ paths }) => paths.map((each) => ({ api, path: each.path }))))
    .filter((each) => path === each.path || path.startsWith(each.path.replace(/\/?$/, '/')))
  return matching.toSorted((one, other) => other.path.length - one.path.length)[0]
}
