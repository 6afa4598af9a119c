import { createTurns, type State } from '../../state'

/** What an application asks a user for. */
export interface Asked {
  readonly scopes: readonly string[]
  /** Names of claims that the parameter `claims` asks for (OpenID Connect Core §5.5). */
  readonly claims: readonly string[]
  /** Resource indicators (RFC 8707). */
  readonly resources: readonly string[]
}

/** What a user has allowed an application. Times in milliseconds since the epoch. */
export interface Consent extends Asked {
  readonly givenAt: number
  readonly changedAt: number
}

export interface Consents {
  find(domainId: string, userId: string, clientId: string): Promise<Consent | undefined>
  list(
    domainId: string,
  ): AsyncIterable<{ readonly userId: string; readonly clientId: string; readonly consent: Consent }>
  /** Forgets what was allowed; on the disk when this resolves. Fine when there is nothing. */
  revoke(domainId: string, userId: string, clientId: string): Promise<void>
  /** Forgets what was allowed by or to those that are meant. */
  forget(
    domainId: string,
    of: (given: { readonly userId: string; readonly clientId: string }) => boolean,
  ): Promise<void>
  /** Adds what is allowed now to what was before; on the disk when this resolves. */
  give(domainId: string, userId: string, clientId: string, asked: Asked, now: number): Promise<void>
}

export function createConsents(state: State): Consents {
  const inTurn = createTurns()

  async function read(key: string): Promise<Consent | undefined> {
    const text = await state.get(key)
    return text === undefined ? undefined : (JSON.parse(text) as Consent) // written by this module alone
  }

  async function* list(domainId: string) {
    const prefix = `consent/${domainId}/`
    for await (const { key, value } of state.entries(prefix)) {
      // The id of a user is ours and has no slash; a client id may have some.
      const [userId = '', ...rest] = key.slice(prefix.length).split('/')
      yield { userId, clientId: rest.join('/'), consent: JSON.parse(value) as Consent } // written by this module alone
    }
  }

  function revoke(domainId: string, userId: string, clientId: string): Promise<void> {
    const key = keyOf(domainId, userId, clientId)
    return inTurn(key, () => state.delete(key))
  }

  return {
    find: (domainId, userId, clientId) => read(keyOf(domainId, userId, clientId)),
    list,
    revoke,
    async forget(domainId, of) {
      for await (const given of list(domainId)) if (of(given)) await revoke(domainId, given.userId, given.clientId)
    },
    give(domainId, userId, clientId, asked, now) {
      const key = keyOf(domainId, userId, clientId)
      return inTurn(key, async () => {
        const before = await read(key)
        const consent: Consent = {
          scopes: union(before?.scopes, asked.scopes),
          claims: union(before?.claims, asked.claims),
          resources: union(before?.resources, asked.resources),
          givenAt: before?.givenAt ?? now,
          changedAt: now,
        }
        await state.put(key, JSON.stringify(consent))
      })
    },
  }
}

/** Whether all that is asked for was allowed before. */
export function covers(consent: Consent | undefined, asked: Asked): boolean {
  if (consent === undefined) return false
  const isAllowed = (allowed: readonly string[], wanted: readonly string[]) =>
    wanted.every((each) => allowed.includes(each))
  return (
    isAllowed(consent.scopes, asked.scopes) &&
    isAllowed(consent.claims, asked.claims) &&
    isAllowed(consent.resources, asked.resources)
  )
}

function union(before: readonly string[] = [], now: readonly string[]): readonly string[] {
  return [...new Set([...before, ...now])]
}

function keyOf(domainId: string, userId: string, clientId: string): string {
  return `consent/${domainId}/${userId}/${clientId}`
}
