import { isDeepStrictEqual } from 'node:util'
import type { SigningAlgorithm } from '@shared/signing-key'
import { usernameKey } from '@shared/users'
import type { ApplicationSnapshot, DomainSnapshot, KeySnapshot, UserSnapshot } from '../snapshot'
import { ClaimRefusal, compileClaim, type CustomClaims } from './claims/custom-claims'
import { secretDigest } from './client-authentication/authenticate-client'
import { importClientKey, type ClientKey } from './client-authentication/client-keys'
import { importKey, KeyRefusal, type TokenKey } from './keys/token-key'

/** Domains ready to answer, by path. Made by `prepare`, taken by `swap`; opaque to everybody else. */
export type CompiledDomains = ReadonlyMap<string, CompiledDomain>

export interface CompiledDomain {
  readonly snapshot: DomainSnapshot
  /** By client id. */
  readonly applications: ReadonlyMap<string, CompiledApplication>
  /** By id. */
  readonly users: ReadonlyMap<string, UserSnapshot>
  /** By `usernameKey`. */
  readonly usersByName: ReadonlyMap<string, UserSnapshot>
  /** By kid: active and retired ones, also those whose time is over (`isOver`). */
  readonly keys: ReadonlyMap<string, TokenKey>
  /** The active key of each algorithm that has one, in the order of the domain's list. */
  readonly signingKeys: ReadonlyMap<SigningAlgorithm, TokenKey>
  /** The first of them: signs where no algorithm is asked for. */
  readonly activeKey: TokenKey
}

export interface CompiledApplication {
  readonly snapshot: ApplicationSnapshot
  /** As many as in the snapshot, in the same order. */
  readonly secrets: readonly CompiledSecret[]
  /** That its tokens carry beside their own. */
  readonly customClaims: CustomClaims
  /** By which it signs assertions. */
  readonly publicKeys: readonly ClientKey[]
  readonly allowedScopes: ReadonlySet<string>
  /** Granted when a token request names none. */
  readonly defaultScopes: readonly string[]
}

export interface CompiledSecret {
  readonly id: string
  /** For people: as somebody called it, or its id. */
  readonly name: string
  readonly digest: Buffer
  /** Milliseconds since the epoch; Infinity when it does not expire. */
  readonly expiresAt: number
}

/** What signs access tokens of an application: the active key of its algorithm, or the domain's default key when there is none. */
export function signingKeyOf({ signingKeys, activeKey }: CompiledDomain, { snapshot }: CompiledApplication): TokenKey {
  const { signingAlgorithm } = snapshot
  return (signingAlgorithm === undefined ? undefined : signingKeys.get(signingAlgorithm)) ?? activeKey
}

/** A domain that cannot work: which one, which field of its snapshot (JSON pointer), and what to do. */
export class DomainRefusal extends Error {
  constructor(
    readonly domainPath: string,
    readonly field: string,
    message: string,
    readonly remedy: string,
  ) {
    super(message)
    this.name = 'DomainRefusal'
  }
}

/**
 * Compiles the domains. Those that did not change are taken over from `running` as they are, and of those that did, the keys that did
 * not: importing a key is the costly part, and what was verified with a key stays in the cache as long as the key is the same object.
 *
 * @throws DomainRefusal
 */
export function compileDomains(domains: readonly DomainSnapshot[], running: CompiledDomains): CompiledDomains {
  const compiled = new Map<string, CompiledDomain>()
  for (const snapshot of domains) {
    if (compiled.has(snapshot.path)) {
      throw new DomainRefusal(
        snapshot.path,
        '/path',
        `Two domains have the path ${snapshot.path}`,
        'Give one of them another path.',
      )
    }
    const before = running.get(snapshot.path)
    const unchanged = before !== undefined && isDeepStrictEqual(before.snapshot, snapshot)
    compiled.set(snapshot.path, unchanged ? before : compileDomain(snapshot, before))
  }
  return compiled
}

function compileDomain(snapshot: DomainSnapshot, before: CompiledDomain | undefined): CompiledDomain {
  const keys = new Map<string, TokenKey>()
  for (const [index, key] of snapshot.keys.entries()) {
    if (keys.has(key.kid)) {
      throw refusal(snapshot, `/keys/${index}/kid`, `two keys are called ${key.kid}`, 'Remove one of the two keys.')
    }
    keys.set(key.kid, keptKey(key, before) ?? compileKey(snapshot, key, index))
  }
  const signingKeys = activeByAlgorithm(snapshot, keys)
  const [activeKey] = signingKeys.values()
  if (activeKey === undefined) {
    throw refusal(snapshot, '/keys', 'no key is active, and one must sign', 'Add a key, which signs then.')
  }

  const applications = new Map<string, CompiledApplication>()
  for (const [index, application] of snapshot.applications.entries()) {
    const { clientId } = application
    if (applications.has(clientId)) {
      const field = `/applications/${index}/clientId`
      throw refusal(snapshot, field, `two applications have the client id ${clientId}`, 'Give one another client id.')
    }
    applications.set(clientId, compileApplication(snapshot, application, index))
  }
  const users = new Map(snapshot.users.map((user) => [user.id, user]))
  const usersByName = new Map(snapshot.users.map((user) => [usernameKey(user.username), user]))
  return { snapshot, applications, keys, signingKeys, activeKey, users, usersByName }
}

function activeByAlgorithm(
  snapshot: DomainSnapshot,
  keys: ReadonlyMap<string, TokenKey>,
): Map<SigningAlgorithm, TokenKey> {
  const signingKeys = new Map<SigningAlgorithm, TokenKey>()
  for (const [index, { kid, algorithm, status }] of snapshot.keys.entries()) {
    if (status !== 'active') continue
    const other = signingKeys.get(algorithm)
    if (other !== undefined) {
      const message = `the keys ${other.kid} and ${kid} are both active for ${algorithm}, and one must sign`
      throw refusal(snapshot, `/keys/${index}/status`, message, 'Retire one of the two keys.')
    }
    signingKeys.set(algorithm, keys.get(kid)!) // every key of the snapshot was compiled
  }
  return signingKeys
}

function compileApplication(
  domain: DomainSnapshot,
  snapshot: ApplicationSnapshot,
  applicationIndex: number,
): CompiledApplication {
  return {
    snapshot,
    customClaims: compileClaims(domain, snapshot, applicationIndex),
    publicKeys: snapshot.jwks.map((jwk, index) => {
      try {
        return importClientKey(jwk)
      } catch (error) {
        if (!(error instanceof KeyRefusal)) throw error
        const message = `key ${index + 1} of application ${snapshot.name}: ${error.message}`
        const remedy = 'Give the application public keys that it signs with: RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519.' // prettier-ignore
        throw refusal(domain, `/applications/${applicationIndex}/jwks/${index}`, message, remedy)
      }
    }),
    secrets: snapshot.secrets.map(({ id, name = id, secret, expiresAt = Infinity }) => ({
      id,
      name,
      digest: secretDigest(secret),
      expiresAt,
    })),
    allowedScopes: new Set(snapshot.scopeSettings.map(({ scope }) => scope)),
    defaultScopes: snapshot.scopeSettings.filter(({ defaultScope }) => defaultScope).map(({ scope }) => scope),
  }
}

function compileClaims(domain: DomainSnapshot, { name, customClaims }: ApplicationSnapshot, at: number): CustomClaims {
  const compiled = customClaims.map((claim, index) => {
    try {
      return { tokenType: claim.tokenType, ...compileClaim(claim) }
    } catch (error) {
      if (!(error instanceof ClaimRefusal)) throw error
      const field = `/applications/${at}/customClaims/${index}${error.field}`
      throw refusal(domain, field, `claim ${index + 1} of application ${name}: ${error.message}`, error.remedy)
    }
  })
  const of = (tokenType: keyof CustomClaims) => compiled.filter((claim) => claim.tokenType === tokenType)
  return { ACCESS_TOKEN: of('ACCESS_TOKEN'), ID_TOKEN: of('ID_TOKEN') }
}

/** The key as it was compiled before, when nothing of it changed but when it is over: then only that is taken over. */
function keptKey(key: KeySnapshot, before: CompiledDomain | undefined): TokenKey | undefined {
  const was = before?.snapshot.keys.find(({ kid }) => kid === key.kid)
  const same = was !== undefined && was.algorithm === key.algorithm && isDeepStrictEqual(was.material, key.material)
  const kept = same ? before?.keys.get(key.kid) : undefined
  if (kept === undefined || kept.expiresAt === key.expiresAt) return kept
  const { expiresAt: _before, ...rest } = kept
  return { ...rest, ...(key.expiresAt === undefined ? {} : { expiresAt: key.expiresAt }) }
}

function compileKey(domain: DomainSnapshot, key: KeySnapshot, index: number): TokenKey {
  try {
    return importKey(key)
  } catch (error) {
    if (!(error instanceof KeyRefusal)) throw error
    const message = `key ${key.kid}: ${error.message}`
    throw refusal(domain, `/keys/${index}/material`, message, 'Rotate the key, or remove it when it is retired.')
  }
}

function refusal(domain: DomainSnapshot, field: string, message: string, remedy: string): DomainRefusal {
  return new DomainRefusal(domain.path, field, `Domain ${domain.name}: ${message}`, remedy)
}
