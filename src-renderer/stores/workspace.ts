import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { DictionaryDetails } from '@shared/dictionary'
import type { DomainOverview } from '@shared/domain'
import type { ApiState } from '@shared/operations'
import type { Workspace } from '@shared/workspace'
import { call, onEvent } from '@/client'

/** What the open workspace holds: itself, its domains, APIs and dictionaries. Reads anew what the main process says has changed. */
export const useWorkspace = defineStore('workspace', () => {
  const workspace = ref<Workspace>()
  const domains = ref<DomainOverview[]>([])
  const apis = ref<ApiState[]>([])
  const dictionaries = ref<DictionaryDetails[]>([])
  const loaded = ref(false)

  const undeployed = computed(() => apis.value.filter((api) => !api.inSync))

  async function loadWorkspace(): Promise<void> {
    workspace.value = await call('workspace.get', {})
  }
  async function loadDomains(): Promise<void> {
    domains.value = await call('domains.list', {})
  }
  async function loadApis(): Promise<void> {
    apis.value = await call('apis.list', {})
  }
  async function loadDictionaries(): Promise<void> {
    dictionaries.value = await call('dictionaries.list', {})
  }
  async function load(): Promise<void> {
    await Promise.all([loadWorkspace(), loadDomains(), loadApis(), loadDictionaries()])
    loaded.value = true
  }

  const domainById = (domainId: string) => domains.value.find((domain) => domain.id === domainId)
  /** The name of the application that a client id belongs to; the id itself where there is none any more. */
  const clientNames = computed(
    () => new Map(domains.value.flatMap(({ applications }) => applications.map((each) => [each.clientId, each.name]))),
  )
  const clientName = (clientId: string): string => clientNames.value.get(clientId) ?? clientId
  const apiById = (apiId: string) => apis.value.find((api) => api.definition.id === apiId)

  /** Puts what an operation just answered in its place, so that the page shows it without waiting. */
  const putDomain = (domain: DomainOverview) => put(domains.value, domain)
  const putDictionary = (dictionary: DictionaryDetails) => put(dictionaries.value, dictionary)

  onEvent((event) => {
    if (event.type !== 'workspace') return
    const kinds = new Set(event.changed.map((change) => change.kind))
    // A failed refresh leaves what is shown; the next event or page load tries again.
    const refresh = [
      kinds.has('workspace') || event.source === 'outside' ? loadWorkspace() : undefined,
      kinds.has('workspace') || kinds.has('domain') ? loadDomains() : undefined,
      kinds.has('workspace') || kinds.has('api') || kinds.has('deployment') ? loadApis() : undefined,
      // Which APIs read them stands with them.
      [...kinds].some((kind) => ['workspace', 'dictionary', 'api', 'deployment'].includes(kind))
        ? loadDictionaries()
        : undefined,
    ]
    void Promise.allSettled(refresh)
  })

  return {
    workspace,
    domains,
    apis,
    dictionaries,
    undeployed,
    loaded,
    load,
    loadWorkspace,
    loadDomains,
    loadApis,
    loadDictionaries,
    domainById,
    apiById,
    clientName,
    putDomain,
    putDictionary,
  }
})

function put<T extends { readonly id: string }>(list: T[], one: T): void {
  const at = list.findIndex(({ id }) => id === one.id)
  if (at < 0) list.push(one)
  else list[at] = one
}
