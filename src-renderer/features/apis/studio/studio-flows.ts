import { computed } from 'vue'
import { useRoute } from 'vue-router'
import type { ApiDefinition } from '@shared/api-definition'
import { useApiDraft } from '../api-draft'

type Change = (definition: ApiDefinition) => ApiDefinition

/**
 * The flows that the studio shows and edits: those of the API or, where the address names a plan, that plan's. Edits are written as if
 * the flows were the API's, and are put where they belong.
 */
export function useStudioFlows() {
  const draft = useApiDraft()
  const route = useRoute()
  const plan = computed(() => draft.definition?.plans.find(({ id }) => id === route.query.plan))
  const flows = computed(() => (plan.value ? (plan.value.flows ?? []) : (draft.definition?.flows ?? [])))
  /** JSON pointer of the list of flows. */
  const pointer = computed(() => {
    const at = draft.definition?.plans.findIndex(({ id }) => id === plan.value?.id) ?? -1
    return at < 0 ? '/flows' : `/plans/${at}/flows`
  })
  /** What the address keeps while flows and steps are chosen. */
  const query = computed<Record<string, string>>(() => (plan.value ? { plan: plan.value.id } : {}))

  /** How to edit these very flows, also later, when the studio may show others. */
  function editor(): (change: Change, typing?: boolean) => void {
    const planId = plan.value?.id
    if (planId === undefined) return (change, typing) => draft.edit(change, typing)
    return (change, typing) =>
      draft.edit((api) => {
        const owner = api.plans.find(({ id }) => id === planId)
        if (owner === undefined) return api
        const changed = { ...owner, flows: change({ ...api, flows: owner.flows ?? [] }).flows }
        return { ...api, plans: api.plans.map((each) => (each === owner ? changed : each)) }
      }, typing)
  }
  const edit = (change: Change, typing?: boolean) => editor()(change, typing)
  /** Whether something below a flow differs from what runs. */
  const isChanged = (below: string) => {
    const own = `${pointer.value}/${below}`
    return draft.changes.some(({ path }) => path === own || path.startsWith(`${own}/`))
  }
  return { plan, flows, pointer, query, edit, editor, isChanged }
}
