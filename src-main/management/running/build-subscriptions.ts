import { hash, X509Certificate } from 'node:crypto'
import type { ApiDefinition, Flow } from '@shared/api-definition'
import { letsIn, planSecurity } from '@shared/plans'
import { formatSecretReference } from '@shared/secret-reference'
import { apiKeySecretId, type ApiKey, type Subscription } from '@shared/subscriptions'
import type { WorkspaceProblem } from '@shared/workspace'
import type { ApiKeySnapshot, SubscriptionSnapshot } from '../../engine/snapshot'
import type { WorkspaceView } from './workspace-view'

/** The subscriptions to APIs that run, of applications that are there. Keys go to the engine as digests. */
export function buildSubscriptions(view: WorkspaceView, problems: WorkspaceProblem[]): SubscriptionSnapshot[] {
  const applications = new Map(
    view.domains.flatMap((domain) =>
      domain.applications.map((application) => [`${domain.id} ${application.id}`, { domain, application }] as const),
    ),
  )
  const names = new Map(view.deployed.map(({ apiId, definition }) => [apiId, definition.name]))
  return view.subscriptions.flatMap(({ apiId, subscriptions }) => {
    const apiName = names.get(apiId)
    if (apiName === undefined) return []
    return subscriptions.flatMap((subscription): SubscriptionSnapshot[] => {
      const found = applications.get(`${subscription.domainId} ${subscription.applicationId}`)
      if (found === undefined) return []
      const { application, domain } = found
      const tell = (message: string, remedy: string) =>
        problems.push({ file: 'subscriptions', message: `API ${apiName}: ${message}`, remedy })
      return [
        {
          id: subscription.id,
          apiId,
          planId: subscription.planId,
          applicationId: application.id,
          applicationName: application.name,
          applicationEnabled: application.enabled && domain.enabled,
          clientId: application.clientId,
          status: subscription.status,
          ...moment('startingAt', subscription.startingAt),
          ...moment('endingAt', subscription.endingAt),
          ...thumbprint(subscription, () =>
            tell(
              `the certificate in the subscription of ${application.name} cannot be read`,
              'Close that subscription, and subscribe anew with the certificate.',
            ),
          ),
          apiKeys: (subscription.apiKeys ?? []).flatMap((key) =>
            buildKey(subscription, key, view, () =>
              tell(
                `the value of an API key of ${application.name} is missing`,
                'Renew the key in the subscriptions of the API.',
              ),
            ),
          ),
        },
      ]
    })
  })
}

function buildKey(
  { id }: Subscription,
  key: ApiKey,
  view: Pick<WorkspaceView, 'resolve'>,
  tellMissing: () => void,
): ApiKeySnapshot[] {
  const revoked = key.revokedAt !== undefined
  const value = view.resolve(formatSecretReference({ provider: 'gatehouse', path: apiKeySecretId(id, key.id) }))
  if (value === undefined) {
    if (!revoked) tellMissing()
    return []
  }
  return [{ id: key.id, digest: hash('sha256', value, 'base64url'), revoked, ...moment('expiresAt', key.expiresAt) }]
}

function thumbprint(
  { clientCertificate }: Subscription,
  tellUnreadable: () => void,
): Pick<SubscriptionSnapshot, 'certificateThumbprint'> {
  if (clientCertificate === undefined) return {}
  try {
    return { certificateThumbprint: hash('sha256', new X509Certificate(clientCertificate).raw, 'base64url') }
  } catch {
    tellUnreadable()
    return {}
  }
}

/** A moment that cannot be read, such as a leap second, has passed. */
function moment<K extends string>(name: K, text: string | undefined): Partial<Record<K, number>> {
  return text === undefined ? {} : ({ [name]: Date.parse(text) || 0 } as Partial<Record<K, number>>) // of this one name
}

/** Whether an API looks at the certificates of its clients, so that the gateway has to ask for them. */
export function asksForCertificates({ plans, flows }: ApiDefinition): boolean {
  const open = plans.filter(letsIn)
  const looks = (policy: string, configuration: unknown) =>
    policy === 'mtls' || (policy === 'jwt' && isBound(configuration))
  const inFlows = (list: readonly Flow[]) =>
    list.some(
      ({ enabled, request }) =>
        enabled && request.some((step) => step.enabled && looks(step.policy, step.configuration)),
    )
  return (
    inFlows(flows) ||
    open.some((plan) => {
      const security = planSecurity(plan.security.type)
      if (security === 'MTLS' || inFlows(plan.flows ?? [])) return true
      return security === 'JWT' && isBound(plan.security.configuration)
    })
  )
}

/** Whether tokens are compared with the certificate of the client. */
function isBound(configuration: unknown): boolean {
  const { confirmationMethodValidation } = (configuration ?? {}) as { confirmationMethodValidation?: unknown }
  const { certificateBoundThumbprint } = (confirmationMethodValidation ?? {}) as {
    certificateBoundThumbprint?: unknown
  }
  const { enabled, extractCertificateFromHeader } = (certificateBoundThumbprint ?? {}) as Record<string, unknown>
  return enabled === true && extractCertificateFromHeader !== true
}
