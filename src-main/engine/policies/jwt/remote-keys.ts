import { Agent } from 'undici'
import { codeOf } from '@shared/error-code'
import type { Connectors } from '../../tls/connector'
import type { JwtAlgorithm } from './given-key'
import { readKeySet, type NamedKey } from './key-set'
import { readRemoteText, shownAddress, unreadReason } from './remote-text'
import { textMember, type Flaw, type FoundKeys, type KeySource, type Unverified } from './key-source'

export interface RemoteOptions {
  readonly connectors: Connectors
  /** Milliseconds. */
  readonly connectTimeout: number
  readonly requestTimeout: number
  readonly followRedirects: boolean
}

/** After so long a set is read again while it is used on, milliseconds, as of Gravitee. */
const REFRESH_MS = 300_000
/** A token with an unknown kid has the set read again, at most so often, milliseconds: anybody can send such tokens. */
const COOLDOWN_MS = 10_000
/** Bytes; sets of keys have a few thousand. */
const LARGEST = 1024 * 1024

/** The keys of a set at an address, read when the first token comes. Close it with the API. */
export function remoteKeys(url: URL, algorithm: JwtAlgorithm, options: RemoteOptions): KeySource & { close(): void } {
  const agent = new Agent({ connect: options.connectors(options.connectTimeout) })
  let keys: readonly NamedKey[] | undefined
  let readAt = -Infinity
  let triedAt = -Infinity
  let reading: Promise<Flaw | undefined> | undefined

  const read = (): Promise<Flaw | undefined> => {
    triedAt = performance.now()
    reading ??= readRemoteText(url, agent, {
      ...options,
      accept: 'application/jwk-set+json, application/json',
      largest: LARGEST,
      what: 'a key set',
    })
      .then((text) => {
        const found = readKeySet(text, algorithm)
        if (found === undefined) return flawOf(url, 'answered something that is no key set (RFC 7517 §5)')
        keys = found
        readAt = performance.now()
        return undefined
      })
      .catch((error: unknown) => flawOf(url, unreadReason(error), codeOf(error)))
      .finally(() => (reading = undefined))
    return reading
  }

  function choose(token: Unverified): FoundKeys | undefined {
    const found = keysFor(token, keys ?? [])
    return found.length === 0 ? undefined : { keys: found.map(({ key }) => key) }
  }

  function unknownKey({ header }: Unverified): FoundKeys {
    const kid = textMember(header.kid)
    const theirs = (keys ?? []).map((key) => key.kid ?? '(no kid)').join(', ')
    return {
      flaw: {
        reason:
          kid === undefined
            ? 'Its header names no key (kid), and the key set has not exactly one that it could be'
            : `It is signed by key ${kid.slice(0, 64)}, which is not among the keys for ${algorithm} at the address`,
        evidence: [
          { label: 'Key set', value: shownAddress(url) },
          { label: `Keys for ${algorithm}`, value: theirs.slice(0, 512) || '(none)' },
        ],
      },
    }
  }

  return {
    find(token) {
      if (keys === undefined) {
        return read().then((fault) => (fault === undefined ? (choose(token) ?? unknownKey(token)) : { fault }))
      }
      const now = performance.now()
      if (now - readAt > REFRESH_MS && now - triedAt > COOLDOWN_MS) void read()
      const found = choose(token)
      if (found !== undefined) return found
      if (now - triedAt < COOLDOWN_MS) return unknownKey(token)
      return read().then(() => choose(token) ?? unknownKey(token))
    },
    holds: (key, token) => keysFor(token, keys ?? []).some((each) => each.key === key),
    close: () => void agent.destroy(),
  }
}

/** By kid; without one by the thumbprint of a certificate; without either the only one that there is. */
function keysFor({ header }: Unverified, keys: readonly NamedKey[]): readonly NamedKey[] {
  const kid = textMember(header.kid)
  if (kid !== undefined) return keys.filter((key) => key.kid === kid)
  const thumbprint = textMember(header['x5t#S256']) ?? textMember(header.x5t)
  if (thumbprint !== undefined) return keys.filter(({ thumbprints }) => thumbprints.includes(thumbprint))
  return keys.length === 1 ? keys : []
}

function flawOf(url: URL, reason: string, code?: string): Flaw {
  return {
    reason: `The key set cannot be read: ${url.host} ${reason}`,
    evidence: [
      { label: 'Key set', value: shownAddress(url) },
      ...(code === undefined ? [] : [{ label: 'Error', value: code }]),
    ],
  }
}
