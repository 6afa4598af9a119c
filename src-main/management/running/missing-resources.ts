import type { ApiDefinition, Configuration, Flow, Step } from '@shared/api-definition'
import { letsIn, planPolicy } from '@shared/plans'
import type { FieldError } from '@shared/problem'
import { policies } from '../../engine/policies/catalogue'

/** By the policy's id, the settings in which it names a resource of the API. */
const naming = new Map(
  policies.map(({ id, configuration }) => {
    const { properties } = configuration as { properties?: Record<string, object> }
    return [id, Object.entries(properties ?? {}).flatMap(([name, schema]) => ('x-resource' in schema ? name : []))]
  }),
)

/**
 * The resources that policies of an API name and that it does not have. What is switched off names none, and one that an expression
 * chooses is not known before there is a request.
 */
export function missingResources({ flows, plans, resources }: ApiDefinition): FieldError[] {
  const known = new Set(resources.map(({ name }) => name))
  const missing = (policy: string, configuration: Configuration | undefined, at: string): FieldError[] =>
    (naming.get(policy) ?? []).flatMap((name) => {
      const resource = configuration?.[name]
      if (typeof resource !== 'string' || resource === '' || resource.includes('{#') || known.has(resource)) return []
      return {
        field: `${at}/configuration/${name}`,
        message: `It names the resource ${resource}, which the API does not have`,
        remedy: `Add a resource called ${resource}, or choose another one.`,
      }
    })
  const ofSteps = (steps: readonly Step[], at: string) =>
    steps.flatMap(({ enabled, policy, configuration }, index) =>
      enabled ? missing(policy, configuration, `${at}/${index}`) : [],
    )
  const ofFlows = (list: readonly Flow[], at: string) =>
    list.flatMap(({ enabled, request, response }, index) =>
      enabled ? [...ofSteps(request, `${at}/${index}/request`), ...ofSteps(response, `${at}/${index}/response`)] : [],
    )
  return [
    ...ofFlows(flows, '/flows'),
    ...plans.flatMap((plan, index) => {
      if (!letsIn(plan)) return []
      const { security, flows: own = [] } = plan
      const policy = planPolicy(security.type)
      return [
        ...(policy === undefined ? [] : missing(policy, security.configuration, `/plans/${index}/security`)),
        ...ofFlows(own, `/plans/${index}/flows`),
      ]
    }),
  ]
}
