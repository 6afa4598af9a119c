import type { ApiDefinition, Resource } from '@shared/api-definition'
import { stepsOf } from '../definition/steps'

/** The policy that the walk-through is about. */
export const OAUTH2_POLICY = 'oauth2'

/** The enabled resources of an API that are authorization servers. */
export function authorizationResources({ resources }: ApiDefinition): Resource[] {
  return resources.filter(({ type, enabled }) => enabled && /^oauth2(-|$)/.test(type))
}

/** The resource that protects an API: the one that an enabled oauth2 step of an enabled flow names. Undefined when none does. */
export function protectingResource(definition: ApiDefinition): Resource | undefined {
  const resources = authorizationResources(definition)
  for (const { step, flow, phase } of stepsOf(definition)) {
    if (!flow.enabled || !step.enabled || step.policy !== OAUTH2_POLICY || phase !== 'request') continue
    const resource = resources.find(({ name }) => name === step.configuration?.oauthResource)
    if (resource) return resource
  }
  return undefined
}
