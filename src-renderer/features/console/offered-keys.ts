import type { ApiDefinition } from '@shared/api-definition'
import { isKeyGood } from '@shared/subscriptions'
import { call } from '@/client'

/** An API key that can be sent along. */
export interface OfferedKey {
  readonly apiId: string
  readonly subscriptionId: string
  readonly keyId: string
  readonly label: string
}

/** The API that an address of the gateway leads to: of the paths that it is under the longest one decides. */
export function apiAt(
  url: string,
  gatewayAddress: string,
  apis: readonly { readonly definition: Pick<ApiDefinition, 'id'>; readonly deployedPaths?: readonly string[] }[],
): string | undefined {
  const path = url.trim().startsWith(gatewayAddress)
    ? url
        .trim()
        .slice(gatewayAddress.length)
        .replace(/[?#].*/, '')
    : ''
  const under = apis.flatMap(({ definition, deployedPaths = [] }) =>
    deployedPaths
      .filter((each) => `${path}/`.startsWith(each.endsWith('/') ? each : `${each}/`))
      .map((each) => ({ apiId: definition.id, length: each.length })),
  )
  return under.sort((a, b) => b.length - a.length)[0]?.apiId
}

/** The good keys of the subscriptions that count, of all APIs. */
export async function offeredKeys(apis: readonly Pick<ApiDefinition, 'id' | 'name'>[]): Promise<OfferedKey[]> {
  const lists = await Promise.all(
    apis.map(async ({ id, name }) => {
      const subscriptions = await call('subscriptions.list', { apiId: id })
      return subscriptions.flatMap((subscription) => {
        if (subscription.status !== 'ACCEPTED' || subscription.applicationName === undefined) return []
        return (subscription.apiKeys ?? [])
          .filter((key) => isKeyGood(key, Date.now()))
          .map((key) => ({
            apiId: id,
            subscriptionId: subscription.id,
            keyId: key.id,
            label: `${subscription.applicationName} at ${name}, …${key.hint}`,
          }))
      })
    }),
  )
  return lists.flat()
}
