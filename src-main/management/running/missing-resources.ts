import type { ApiDefinition, Configuration, Flow } from '@shared/api-definition'
import { letsIn, planPolicy } from '@shared/plans'
import type { FieldError } from '@shared/problem'
import { policies } from '../../engine/policies/catalogue'
import { stepsOf } from '../definition/steps'

/** By the policy's id, the settings in which it names a resource of the API. */
const naming = new Map(
  policies.map(({ id, configuration }) => {
    const { properties } = configuration as { properties?: Record<string, object> }
    return [id, Object.entries(properties ?? {}).flatMap(([name, schema]) => ('x-resource' in schema ? name : []))]
  }),
)

/** A definition never changes, and is looked through for every snapshot that it is part of. */
const looked = new WeakMap<ApiDefinition, readonly FieldError[]>()

/**
 * The resources that policies of an API name and that it does not have. What is switched off names none, and one that an expression
 * chooses is not known before there is a request.
 */
export function missingResources(definition: ApiDefinition): readonly FieldError[] {
  const before = looked.get(definition)
  if (before !== undefined) return before
  const found = lookThrough(definition)
  looked.set(definition, found)
  return found
}

function lookThrough({ flows, plans, resources }: ApiDefinition): FieldError[] {
  const known = new Set(resources.map(({ name }) => name))
  const missing = (policy: string | undefined, configuration: Configuration | undefined, at: string): FieldError[] =>
    (naming.get(policy ?? '') ?? []).flatMap((name) => {
      const resource = configuration?.[name]
      if (typeof resource !== 'string' || resource === '' || resource.includes('{#') || known.has(resource)) return []
      return {
        field: `${at}/configuration/${name}`,
        message: `It names the resource ${resource}, which the API does not have`,
        remedy: `Add a resource called ${resource}, or choose another one.`,
      }
    })
  const ofFlows = (list: Flow[], at: string) =>
    stepsOf({ flows: list }).flatMap(({ step, flow, pointer }) =>
      flow.enabled && step.enabled ? missing(step.policy, step.configuration, at + pointer) : [],
    )
  return [
    ...ofFlows(flows, ''),
    ...plans.flatMap((plan, index) =>
      letsIn(plan)
        ? [
            ...missing(planPolicy(plan.security.type), plan.security.configuration, `/plans/${index}/security`),
            ...ofFlows(plan.flows ?? [], `/plans/${index}`),
          ]
        : [],
    ),
  ]
}
