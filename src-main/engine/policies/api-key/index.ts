import { Type } from 'typebox'
import type { Exchange } from '../../gateway/exchange'
import { subscriptionFlaw } from '../../gateway/plans/subscriptions'
import { digestIn } from '../digest-in'
import { openPlace } from '../open-place'
import { definePolicy, type Failure, type FailureDeclaration } from '../policy'
import guide from './guide.md?raw'

const HEADER = 'X-Gravitee-Api-Key'
const HEADER_KEY = HEADER.toLowerCase()
const PARAMETER = 'api-key'

const errors = {
  API_KEY_MISSING: { status: 401, meaning: 'There is no API key in the header or the query' },
  API_KEY_INVALID: { status: 401, meaning: 'The API key is none of this API, has expired, or was revoked' },
} satisfies Record<string, FailureDeclaration>

/** Gravitee's configuration of the `api-key` policy. */
const configuration = Type.Object({
  propagateApiKey: Type.Optional(
    Type.Boolean({
      title: 'Pass the key on',
      description: 'Off: header and query parameter are removed before the backend',
      default: false,
    }),
  ),
})

export const apiKey = definePolicy({
  id: 'api-key',
  name: 'API key',
  summary: 'Lets in only calls with the key of a subscription',
  category: 'security',
  icon: 'i-lucide-key-round',
  phases: ['request'],
  configuration,
  guide,
  errors,
  planWants: `an API key (header ${HEADER} or query parameter ${PARAMETER})`,

  create({ propagateApiKey = false }, { subscriptions, place }) {
    const remedies = [
      { action: 'open-subscriptions', label: 'Open the subscriptions', apiId: place.apiId } as const,
      openPlace(place, 'Open the API key policy'),
    ]
    const invalid = (sentence: string, evidence: Failure['evidence'] = []): Failure => ({
      key: 'API_KEY_INVALID',
      status: errors.API_KEY_INVALID.status,
      message: 'API Key is not valid or is expired / revoked.',
      sentence,
      evidence,
      remedies,
    })

    function check(exchange: Exchange): Failure | undefined {
      const given = keyOf(exchange)
      if (given === undefined)
        return {
          key: 'API_KEY_MISSING',
          status: errors.API_KEY_MISSING.status,
          message: `No API Key has been specified in headers (${HEADER}) or query parameters (${PARAMETER}).`,
          sentence: 'The request carries no API key',
          evidence: [{ label: 'Looked for', value: `header ${HEADER}, query parameter ${PARAMETER}` }],
          remedies,
        }
      if (!propagateApiKey) hideKey(exchange)
      const found = subscriptions().byKey(place.apiId, digestIn(exchange, given))
      if (found === undefined) return invalid('The API key is none of this API')
      const { key, subscription } = found
      const now = exchange.request.timestamp
      if (key.revoked) return invalid(`The API key of ${subscription.applicationName} was revoked`)
      if (key.expiresAt !== undefined && now >= key.expiresAt)
        return invalid(`The API key of ${subscription.applicationName} has expired`, [
          { label: 'Expired at', value: new Date(key.expiresAt).toISOString() },
        ])
      const flaw = subscriptionFlaw(subscription, now)
      if (flaw !== undefined) return invalid(`The API key cannot be used: ${flaw.reason}`, flaw.evidence)
      const { attributes } = exchange
      attributes.set('application', subscription.applicationId)
      attributes.set('subscription-id', subscription.id)
      attributes.set('user-id', subscription.id)
      attributes.set('plan', subscription.planId)
      attributes.set('api-key', given)
      exchange.trace?.passed(`The API key is one of ${subscription.applicationName}`, [
        { label: 'Application', value: subscription.applicationName },
        { label: 'Key', value: key.id },
      ])
      return undefined
    }

    return {
      request: check,
      credential(exchange) {
        const key = keyOf(exchange)
        return key === undefined ? undefined : { kind: 'api-key', digest: digestIn(exchange, key) }
      },
    }
  },
})

/** Several headers of the name arrive as one text with commas, which is no key. */
function keyOf({ request }: Exchange): string | undefined {
  const header = request.headers[HEADER_KEY]
  const key = typeof header === 'string' ? header.trim() : request.query.get(PARAMETER)
  return key === null || key === '' ? undefined : key
}

function hideKey(exchange: Exchange): void {
  const { headers } = exchange.request
  if (headers[HEADER_KEY] !== undefined) headers[HEADER_KEY] = undefined
  exchange.hiddenParameters = [...(exchange.hiddenParameters ?? []), PARAMETER]
}
