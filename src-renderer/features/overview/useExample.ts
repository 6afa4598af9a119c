import { computed } from 'vue'
import { ECHO_TARGET } from '@shared/api-definition'
import { useOverview } from '@/stores/overview'
import { useWorkspace } from '@/stores/workspace'

/** The API, domain and application that the walk-through is about, or else the first of each. */
export function useExample() {
  const workspace = useWorkspace()
  const overview = useOverview()

  const named = (key: 'apiId' | 'domainId' | 'applicationId') =>
    overview.steps.findLast((step) => step[key] !== undefined)?.[key]

  const api = computed(() => {
    const apiId = named('apiId')
    return ((apiId && workspace.apiById(apiId)) || workspace.apis[0])?.definition
  })
  const path = computed(() => api.value?.listeners[0]?.paths[0]?.path)
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
      workspace.domains.find((known) => known.applications.length > 0) ||
      workspace.domains[0]
    )
  })
  const application = computed(() => {
    const applicationId = named('applicationId')
    const applications = domain.value?.applications ?? []
    return applications.find((known) => known.id === applicationId) ?? applications[0]
  })
  const algorithm = computed(() => domain.value?.keys.find((key) => key.status === 'active')?.algorithm)

  return { api, path, backend, policies, domain, application, algorithm }
}
