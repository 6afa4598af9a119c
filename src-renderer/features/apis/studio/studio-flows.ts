import { computed } from 'vue'
import { useRoute } from 'vue-router'
import type { ApiDefinition, Flow } from '@shared/api-definition'
import { useApiDraft } from '../api-draft'

type Change = (definition: ApiDefinition) => ApiDefinition

/** Who has flows: the API itself, or one of its plans. */
export interface FlowOwner {
  /** Undefined for the API. */
  readonly planId: string | undefined
  readonly name: string
  readonly flows: readonly Flow[]
  /** JSON pointer of the list of flows. */
  readonly pointer: string
  /** What the address keeps while its flows and steps are chosen. */
  readonly query: Readonly<Record<string, string>>
}

/** A change that is written as if the flows were the API's, made to those of a plan; of the API where no plan is named. */
export function within(planId: string | undefined, change: Change): Change {
  if (planId === undefined) return change
  return (api) => {
    const owner = api.plans.find(({ id }) => id === planId)
    if (owner === undefined) return api
    const changed = { ...owner, flows: change({ ...api, flows: owner.flows ?? [] }).flows }
    return { ...api, plans: api.plans.map((each) => (each === owner ? changed : each)) }
  }
}

/** The API and its plans, in the order in which they stand. */
export function flowOwners(api: Pick<ApiDefinition, 'flows' | 'plans'>): FlowOwner[] {
  return [
    { planId: undefined, name: 'Every call', flows: api.flows, pointer: '/flows', query: {} },
    ...api.plans.map(({ id, name, flows = [] }, at) => ({
      planId: id,
      name,
      flows,
      pointer: `/plans/${at}/flows`,
      query: { plan: id },
    })),
  ]
}

/** The flows that the studio shows and edits: those of the API or, where the address names a plan, that plan's. */
export function useStudioFlows() {
  const draft = useApiDraft()
  const route = useRoute()
  const owners = computed(() => flowOwners(draft.definition ?? { flows: [], plans: [] }))
  const owner = computed(() => owners.value.find(({ planId }) => planId === route.query.plan) ?? owners.value[0]!)
  const flows = computed(() => owner.value.flows)
  const pointer = computed(() => owner.value.pointer)
  const query = computed(() => owner.value.query)

  /** How to edit these very flows, also later, when the studio may show others. */
  function editor(): (change: Change, typing?: boolean) => void {
    const { planId } = owner.value
    return (change, typing) => draft.edit(within(planId, change), typing)
  }
  const edit = (change: Change, typing?: boolean) => editor()(change, typing)
  /** Whether something below a flow differs from what runs. */
  const isChanged = (below: string, of = pointer.value) => {
    const own = `${of}/${below}`
    return draft.changes.some(({ path }) => path === own || path.startsWith(`${own}/`))
  }
  return { owners, owner, flows, pointer, query, edit, editor, isChanged }
}
