import type { Configuration, Flow, Step } from '@shared/api-definition'

type Written = Partial<Omit<Step, 'configuration'>> & { readonly configuration?: object }

/** A flow for every path with these steps. */
export function flowOf(request: readonly Written[], response: readonly Written[] = []): Flow {
  const steps = (list: readonly Written[]) =>
    list.map(({ configuration = {}, ...step }): Step => ({ enabled: true, policy: '', configuration: configuration as Configuration, ...step })) // prettier-ignore
  return {
    name: 'All',
    enabled: true,
    selectors: [{ type: 'http', path: '/', pathOperator: 'START_WITH' }],
    request: steps(request),
    response: steps(response),
  }
}
