import { longestTokenSeconds, rotationDueAt } from '@shared/key-rotation'
import type { Domain } from '@shared/domain'
import type { SigningKey } from '@shared/signing-key'
import type { Clock } from '../clock'
import { keySecretId, newSigningKey } from './new-signing-key'

/** A domain as it is to be saved, with the secrets that are new in it and those that nothing refers to any more. */
export interface ChangedKeys {
  readonly domain: Domain
  /** By id. */
  readonly secrets: Readonly<Record<string, string>>
  /** Ids. */
  readonly dropped: readonly string[]
}

/** Largest RSA key that is made anew, in bits; an imported one may be larger, and making such a one takes minutes. */
const LARGEST_NEW_KEY = 4096
/** Until the engine has taken up a change the key before goes on to sign: the default overlap is so much longer, in seconds. */
const TAKE_UP_SECONDS = 2

/**
 * The key as it only verifies.
 *
 * @param now milliseconds since the epoch
 */
export function retired(
  key: SigningKey,
  domain: Domain,
  now: number,
  overlapSeconds = longestTokenSeconds(domain) + TAKE_UP_SECONDS,
): SigningKey {
  return { ...key, status: 'retired', expiresAt: new Date(now + overlapSeconds * 1000).toISOString() }
}

/** Puts a new key of the same algorithm and size in the place of an active one, which is retired. */
export async function rotateKey(
  domain: Domain,
  key: SigningKey,
  clock: Clock,
  overlapSeconds: number | undefined,
): Promise<ChangedKeys> {
  const made = await newSigningKey(key.algorithm, {
    taken: domain.keys.map(({ kid }) => kid),
    modulusBits: key.modulusBits === undefined ? undefined : Math.min(key.modulusBits, LARGEST_NEW_KEY),
    now: clock.now(),
  })
  // Asked anew: making the key may have taken a while, and tokens were signed meanwhile.
  const before = retired(key, domain, clock.now(), overlapSeconds)
  const keys = domain.keys.flatMap((each) => (each.id === key.id ? [made.key, before] : [each]))
  return { domain: { ...domain, keys }, secrets: { [made.secretId]: made.secret }, dropped: [] }
}

/**
 * Rotates the active keys that the schedule says are due, and takes away the retired ones that are over, so that a schedule does
 * not pile them up. Undefined when nothing is due.
 */
export async function rotateDueKeys(domain: Domain, clock: Clock): Promise<ChangedKeys | undefined> {
  const due = dueKeys(domain, clock.now())
  if (due.length === 0) return undefined
  const over = domain.keys.filter(({ expiresAt }) => expiresAt !== undefined && Date.parse(expiresAt) <= clock.now())
  let changed: ChangedKeys = {
    domain: { ...domain, keys: domain.keys.filter((key) => !over.includes(key)) },
    secrets: {},
    dropped: over.map(({ id }) => keySecretId(id)),
  }
  for (const key of due) {
    const rotated = await rotateKey(changed.domain, key, clock, domain.keyRotation?.overlapSeconds)
    changed = { ...changed, domain: rotated.domain, secrets: { ...changed.secrets, ...rotated.secrets } }
  }
  return changed
}

/** @param now milliseconds since the epoch */
export function dueKeys({ keys, keyRotation }: Domain, now: number): SigningKey[] {
  if (keyRotation === undefined) return []
  return keys.filter((key) => key.status === 'active' && rotationDueAt(key, keyRotation) <= now)
}
