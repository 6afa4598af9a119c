import { computed } from 'vue'
import { useRouter } from 'vue-router'
import { useApiDraft } from './api-draft'
import { useWorkspace } from '@/stores/workspace'

/** What the form of a policy offers from around it: the API's resources, and the scopes of the workspace. */
export function useApiFormContext() {
  const draft = useApiDraft()
  const workspace = useWorkspace()
  const router = useRouter()
  return computed(() => {
    const scopes = new Map(workspace.domains.flatMap(({ scopes: list }) => list.map((scope) => [scope.key, scope])))
    return {
      resources: draft.definition?.resources ?? [],
      scopes: [...scopes.values()].map(({ key, description }) => ({ key, description })),
      addResource: () =>
        void router.push({ name: 'api', params: { apiId: draft.definition?.id ?? '', tab: 'resources' } }),
    }
  })
}
