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
