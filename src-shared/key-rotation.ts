import { DEFAULT_ID_TOKEN_VALIDITY_SECONDS } from './application-kinds'
import { DEFAULT_ACCESS_TOKEN_VALIDITY_SECONDS, type Domain } from './domain'
import type { KeyRotation, SigningKey } from './signing-key'

const DAY_MS = 86_400_000

/** When the schedule rotates an active key, in milliseconds since the epoch: so many days after it was made. */
export function rotationDueAt({ createdAt }: Pick<SigningKey, 'createdAt'>, { everyDays }: KeyRotation): number {
  return Date.parse(createdAt) + everyDays * DAY_MS
}

/** The longest lifetime, in seconds, of what the domain's keys sign for its applications: access and ID tokens. */
export function longestTokenSeconds({ applications }: Pick<Domain, 'applications'>): number {
  const lifetimes = applications.flatMap((application) => [
    application.accessTokenValiditySeconds,
    ...(application.grantTypes.some((grant) => grant !== 'client_credentials')
      ? [application.idTokenValiditySeconds ?? DEFAULT_ID_TOKEN_VALIDITY_SECONDS]
      : []),
  ])
  return lifetimes.length === 0 ? DEFAULT_ACCESS_TOKEN_VALIDITY_SECONDS : Math.max(...lifetimes)
}
