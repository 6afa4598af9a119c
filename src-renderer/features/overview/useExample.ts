import { computed } from 'vue'
import { ECHO_TARGET } from '@shared/api-definition'
import { canWalkThrough } from '@shared/application-kinds'
import { useOverview } from '@/stores/overview'
import { useWorkspace } from '@/stores/workspace'

/** The API, domain and application that the walk-through is about, or else the first of each. */
export function useExample() {
  const workspace = useWorkspace()
  const overview = useOverview()

  const named = (key: 'apiId' | 'domainId' | 'applicationId') =>
    overview.steps.findLast((step) => step[key] !== undefined)?.[key]

  const state = computed(() => {
    const apiId = named('apiId')
    return (apiId && workspace.apiById(apiId)) || workspace.apis[0]
  })
  const api = computed(() => state.value?.definition)
  /** The path that runs; undefined before the first deploy. */
  const path = computed(() => state.value?.deployedPaths?.[0])
  /** The path that the next deploy brings, where another runs. */
  const nextPath = computed(() => {
    const next = api.value?.listeners[0]?.paths[0]?.path
    return path.value !== undefined && next !== path.value ? next : undefined
  })
  const inSync = computed(() => state.value?.inSync === true)
  const backend = computed(() => {
    const target = api.value?.endpointGroups[0]?.endpoints[0]?.configuration.target
    return target === ECHO_TARGET ? 'built-in echo' : target?.replace(/^https?:\/\//, '')
  })
  const policies = computed(() => {
    const flows = api.value?.flows.filter((flow) => flow.enabled) ?? []
    return [...new Set(flows.flatMap((flow) => flow.request.filter((step) => step.enabled).map((step) => step.policy)))]
  })
  const domain = computed(() => {
    const domainId = named('domainId')
    return (
      (domainId && workspace.domainById(domainId)) ||
      workspace.domains.find((known) => known.applications.some(canWalkThrough)) ||
      workspace.domains[0]
    )
  })
  const application = computed(() => {
    const applicationId = named('applicationId')
    const applications = domain.value?.applications ?? []
    return applications.find((known) => known.id === applicationId) ?? applications.find(canWalkThrough)
  })
  const algorithm = computed(() => domain.value?.keys.find((key) => key.status === 'active')?.algorithm)

  return { api, path, nextPath, inSync, backend, policies, domain, application, algorithm }
}
