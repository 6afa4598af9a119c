import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { DomainOverview } from '@shared/domain'
import type { ApiState } from '@shared/operations'
import type { Workspace } from '@shared/workspace'
import { call, onEvent } from '@/client'

/** What the open workspace holds: itself, its domains and its APIs. Reads anew what the main process says has changed. */
export const useWorkspace = defineStore('workspace', () => {
  const workspace = ref<Workspace>()
  const domains = ref<DomainOverview[]>([])
  const apis = ref<ApiState[]>([])
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
  async function load(): Promise<void> {
    await Promise.all([loadWorkspace(), loadDomains(), loadApis()])
    loaded.value = true
  }

  const domainById = (domainId: string) => domains.value.find((domain) => domain.id === domainId)
  /** The name of the application that a client id belongs to; the id itself where there is none any more. */
  const clientNames = computed(
    () => new Map(domains.value.flatMap(({ applications }) => applications.map((each) => [each.clientId, each.name]))),
  )
  const clientName = (clientId: string): string => clientNames.value.get(clientId) ?? clientId
  const apiById = (apiId: string) => apis.value.find((api) => api.definition.id === apiId)

  /** Puts a domain that an operation just answered in its place, so that the page shows it without waiting. */
  function putDomain(domain: DomainOverview): void {
    const at = domains.value.findIndex((known) => known.id === domain.id)
    if (at < 0) domains.value.push(domain)
    else domains.value[at] = domain
  }

  onEvent((event) => {
    if (event.type !== 'workspace') return
    const kinds = new Set(event.changed.map((change) => change.kind))
    // A failed refresh leaves what is shown; the next event or page load tries again.
    const refresh = [
      kinds.has('workspace') || event.source === 'outside' ? loadWorkspace() : undefined,
      kinds.has('workspace') || kinds.has('domain') ? loadDomains() : undefined,
      kinds.has('workspace') || kinds.has('api') || kinds.has('deployment') ? loadApis() : undefined,
    ]
    void Promise.allSettled(refresh)
  })

  return {
    workspace,
    domains,
    apis,
    undeployed,
    loaded,
    load,
    loadWorkspace,
    loadDomains,
    loadApis,
    domainById,
    apiById,
    clientName,
    putDomain,
  }
})
