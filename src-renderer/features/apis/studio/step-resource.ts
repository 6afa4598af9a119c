import type { ApiDefinition, Step } from '@shared/api-definition'
import { changeStep, usersOfResource, type StepPlace } from '../flow-edits'
import { isExpression } from '@/components/schema-form/schema'

const isAuthority = (type: string) => /^oauth2(-|$)/.test(type)

/** Why a step refuses every call: `resource am is missing`. Undefined while its resource is there, or known only to an expression. */
export function resourceTrouble({ resources }: Pick<ApiDefinition, 'resources'>, step: Step): string | undefined {
  const name = step.configuration?.oauthResource
  if (!step.enabled || typeof name !== 'string' || name === '' || isExpression(name)) return undefined
  const resource = resources.find((each) => each.name === name)
  if (!resource) return `resource ${name} is missing`
  return resource.enabled ? undefined : `resource ${name} is off`
}

/** The steps that name a resource, for a sentence: `OAuth2 in All paths`. */
export function usersInWords(definition: ApiDefinition, resource: string): string[] {
  return usersOfResource(definition, resource).map(({ flow, phase, step }) => {
    const place = definition.flows[flow]
    const { name, policy } = place?.[phase][step] ?? {}
    return `${name || policy} in ${place?.name || `flow ${flow + 1}`}`
  })
}

/** Has the OAuth2 steps that name no resource yet ask the API's only authority; the same definition when there is none to ask. */
export function chooseOnlyAuthority(definition: ApiDefinition): ApiDefinition {
  const authorities = definition.resources.filter(({ type }) => isAuthority(type))
  const [only] = authorities
  if (!only || authorities.length > 1) return definition
  return emptySteps(definition).reduce(
    (now, place) =>
      changeStep(now, place, (step) => ({
        ...step,
        configuration: { ...step.configuration, oauthResource: only.name },
      })),
    definition,
  )
}

function emptySteps({ flows }: ApiDefinition): StepPlace[] {
  return flows.flatMap((each, flow) =>
    (['request', 'response'] as const).flatMap((phase) =>
      each[phase].flatMap(({ policy, configuration }, step) =>
        policy === 'oauth2' && !configuration?.oauthResource ? [{ flow, phase, step }] : [],
      ),
    ),
  )
}
