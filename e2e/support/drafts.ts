import type { Page } from '@playwright/test'
import type { ApiDefinition } from '@shared/api-definition'
import type { Domain } from '@shared/domain'
import type { ApiState } from '@shared/operations'
import { call } from './bridge'

/** The first API, as it stands. */
export async function firstApi(page: Page): Promise<ApiState> {
  const [api] = await call(page, 'apis.list', {})
  if (api === undefined) throw new Error('There is no API')
  return api
}

/** The first domain, with its application. */
export async function firstApplication(
  page: Page,
): Promise<{ domain: Domain; domainId: string; applicationId: string }> {
  const [domain] = await call(page, 'domains.list', {})
  const [application] = domain?.applications ?? []
  if (domain === undefined || application === undefined) throw new Error('There is no application')
  return { domain, domainId: domain.id, applicationId: application.id }
}

/** Changes the first API and deploys it. */
export async function redeploy(page: Page, change: (definition: ApiDefinition) => ApiDefinition): Promise<void> {
  const { definition, version } = await firstApi(page)
  await call(page, 'apis.save', { apiId: definition.id, definition: change(definition), version })
  await call(page, 'apis.deploy', { apiId: definition.id })
}

/** The definition with every step's and resource's configuration changed. */
export function configured(
  definition: ApiDefinition,
  { steps = {}, resources = {} }: { steps?: Record<string, unknown>; resources?: Record<string, unknown> },
): ApiDefinition {
  return {
    ...definition,
    resources: definition.resources.map((each) => ({
      ...each,
      configuration: { ...each.configuration, ...resources },
    })),
    flows: definition.flows.map((flow) => ({
      ...flow,
      request: flow.request.map((step) => ({ ...step, configuration: { ...step.configuration, ...steps } })),
    })),
  }
}

/** The definition with another backend. */
export function withTarget(definition: ApiDefinition, target: string): ApiDefinition {
  return {
    ...definition,
    endpointGroups: definition.endpointGroups.map((group) => ({
      ...group,
      endpoints: group.endpoints.map((endpoint) => ({
        ...endpoint,
        configuration: { ...endpoint.configuration, target },
      })),
    })),
  }
}
