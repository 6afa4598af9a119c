import { computed, onScopeDispose, shallowRef, type Ref } from 'vue'
import type { ApiDefinition, Flow } from '@shared/api-definition'
import { call, onEvent } from '@/client'
import type { ExpressionScope } from '@/components/expressions/scope'

/** What expressions in the configuration of an API can name: its own parts, and the dictionaries of the workspace. */
export function useExpressionNames(definition: Readonly<Ref<ApiDefinition | undefined>>) {
  const dictionaries = shallowRef<Readonly<Record<string, readonly string[]>>>({})

  /** Without them the editor offers less; what it offers is only a help. */
  async function load(): Promise<void> {
    const found = await call('dictionaries.list', {}).catch(() => [])
    dictionaries.value = Object.fromEntries(
      found.map(({ key, properties }) => [key, properties.map((each) => each.key)]),
    )
  }
  void load()
  const stop = onEvent((event) => {
    if (event.type === 'workspace' && event.changed.some(({ kind }) => kind === 'dictionary')) void load()
  })
  onScopeDispose(stop)

  return computed<ExpressionScope | undefined>(() => {
    const api = definition.value
    if (api === undefined) return undefined
    const flows = [...api.flows, ...api.plans.flatMap((plan) => plan.flows ?? [])]
    const endpoints = api.endpointGroups.flatMap((group) => [group.name, ...group.endpoints.map(({ name }) => name)])
    return {
      apiId: api.id,
      path: (api.listeners[0]?.paths[0]?.path ?? '').replace(/\/$/, ''),
      names: {
        properties: (api.properties ?? []).map(({ key }) => key),
        endpoints: [...new Set(endpoints)],
        pathParams: [...new Set(flows.flatMap(parametersOf))],
        dictionaries: dictionaries.value,
      },
    }
  })
}

const parametersOf = ({ selectors }: Flow): string[] =>
  selectors
    .flatMap((selector) => (selector.type === 'http' ? selector.path.split('/') : []))
    .filter((part) => part.startsWith(':'))
    .map((part) => part.slice(1))
