import { Agent } from 'undici'
import { codeOf } from '@shared/error-code'
import type { Connectors } from '../../tls/connector'
import { ConfigurationError } from '../policy'
import { claimAt } from './claims'
import type { Configuration } from './configuration'
import type { Flaw } from './key-source'
import type { Claims } from './verify'
import { readRemoteText, shownAddress, unreadReason } from './remote-text'

/** What a list says of a token. */
export type Revocation = 'good' | { readonly revoked: Flaw } | { readonly unknown: Flaw }

/** A list of revoked tokens at an address, read with the first token and again after its time. Close it with the API. */
export interface Revocations {
  of(claims: Claims): Revocation | Promise<Revocation>
  close(): void
}

/** A list that could not be read is tried again at most so often, milliseconds. */
const COOLDOWN_MS = 10_000
/** Bytes: half a million token ids. */
const LARGEST = 32 * 1024 * 1024

/**
 * Undefined when no list is to be asked.
 *
 * @throws ConfigurationError
 */
export function createRevocations(
  check: Configuration['revocationCheck'],
  connectors: Connectors,
): Revocations | undefined {
  if (check?.enabled !== true) return undefined
  const { refreshInterval = 300, connectTimeout = 2000, requestTimeout = 2000, followRedirects = false } = check
  const claim = check.revocationClaim?.trim() || 'jti'
  const address = check.revocationListUrl?.trim() ?? ''
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new ConfigurationError('revocationCheck/revocationListUrl', address === '' ? 'the list of revoked tokens has no address' : `${address.slice(0, 200)} is no http address`, 'Give the address of the list.') // prettier-ignore
  const authorization = authorizationOf(check.auth)
  const agent = new Agent({ connect: connectors(connectTimeout) })
  let revoked: ReadonlySet<string> | undefined
  let readAt = -Infinity
  let triedAt = -Infinity
  let fault: Flaw | undefined
  let reading: Promise<void> | undefined

  const read = (): Promise<void> => {
    triedAt = performance.now()
    const how = { requestTimeout, signal: AbortSignal.timeout(connectTimeout + requestTimeout), followRedirects, accept: 'text/plain', authorization, largest: LARGEST, what: 'a list of revoked tokens' } // prettier-ignore
    reading ??= readRemoteText(url, agent, how)
      .then((text) => {
        revoked = new Set(text.split('\n').flatMap((line) => line.trim() || []))
        readAt = performance.now()
      })
      .catch((error: unknown) => {
        const code = codeOf(error)
        fault = {
          reason: `The list of revoked tokens cannot be read: ${url.host} ${unreadReason(error)}`,
          evidence: [
            { label: 'List', value: shownAddress(url) },
            ...(code === undefined ? [] : [{ label: 'Error', value: code }]),
          ],
        }
      })
      .finally(() => (reading = undefined))
    return reading
  }

  function judge(claims: Claims): Revocation {
    if (revoked === undefined) return { unknown: fault ?? { reason: 'The list of revoked tokens was not read yet', evidence: [] } } // prettier-ignore
    const given = claimAt(claims, claim)
    // A list is text; a number in a claim stands in it as one writes it.
    const value = typeof given === 'number' ? String(given) : given
    if (typeof value !== 'string' || !revoked.has(value)) return 'good'
    return {
      revoked: {
        reason: 'The token was revoked: the list names it',
        evidence: [
          { label: claim, value: value.slice(0, 128) },
          { label: 'List', value: shownAddress(url!) },
        ],
      },
    }
  }

  return {
    of(claims) {
      const now = performance.now()
      if (revoked === undefined && (reading !== undefined || now - triedAt > COOLDOWN_MS))
        return (reading ?? read()).then(() => judge(claims))
      // The list before counts until the new one is there.
      if (
        revoked !== undefined &&
        now - readAt > refreshInterval * 1000 &&
        now - triedAt > Math.min(COOLDOWN_MS, refreshInterval * 1000)
      )
        // prettier-ignore
        void read()
      return judge(claims)
    },
    close: () => void agent.destroy(),
  }
}

/** @throws ConfigurationError when what it names is not given */
function authorizationOf(auth: NonNullable<Configuration['revocationCheck']>['auth']): string | undefined {
  const { type = 'none', basic, token } = auth ?? {}
  if (type === 'none') return undefined
  if (type === 'basic' && basic !== undefined)
    return `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`
  if (type === 'token' && token !== undefined) return `Bearer ${token.value}`
  throw new ConfigurationError(`revocationCheck/auth/${type}`, 'what the gateway identifies itself by is missing', 'Fill it in, or choose nothing.') // prettier-ignore
}
