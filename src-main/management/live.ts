import type { Domain } from '@shared/domain'
import { ProblemError } from '@shared/problem'
import type { Engine } from '../engine/messages'
import { noteByHand } from './audit/note-by-hand'
import type { Context, HandlersOf } from './context'
import { domainOf } from './lookup'
import { inputInvalid, notFound } from './problems'
import { engineUnavailable } from './running/refusals'

/** How many are answered unless a caller says otherwise. */
const DEFAULT_LIMIT = 200

/** What the domains have given out and lasts: grants with their tokens, sessions, consents. What is taken back is refused from the answer on. */
export function liveHandlers({
  store,
  engine,
  audit,
}: Context): HandlersOf<'grants' | 'sessions' | 'consents' | 'tokens'> {
  const administer: Engine['administer'] = (async (what, asked) => {
    try {
      return await engine.administer(what, asked)
    } catch (error) {
      throw error instanceof Error && engine.status().state === 'running' ? error : engineUnavailable(engine.status())
    }
  }) as Engine['administer']

  const note = (domain: Domain, sentence: string, about: Parameters<typeof noteByHand>[3]) =>
    noteByHand(audit, domain, sentence, about)

  return {
    'grants.list': ({ domainId, userId, clientId, limit = DEFAULT_LIMIT }) => {
      domainOf(store, domainId)
      return administer('grants', { domainId, limit, ...given({ userId, clientId }) })
    },
    'grants.revoke': async ({ domainId, grantId }) => {
      const domain = domainOf(store, domainId)
      const grant = await administer('findGrant', { domainId, grantId })
      if (grant === undefined) throw notFound('grant', grantId)
      await administer('revokeGrant', { domainId, grantId })
      note(domain, 'A grant with all its tokens was revoked by hand', grant)
      return {}
    },
    'grants.revokeAll': async ({ domainId, userId, clientId }) => {
      const domain = domainOf(store, domainId)
      if (userId === undefined && clientId === undefined)
        throw inputInvalid([
          {
            field: '/userId',
            message: 'Whose tokens are to be revoked is not said',
            remedy: 'Name a user, an application by its client id, or both.',
          },
        ])
      const revoked = await administer('revokeAll', { domainId, ...given({ userId, clientId }) })
      const whose =
        userId === undefined ? 'the application' : clientId === undefined ? 'the user' : 'the user at the application'
      note(domain, `Every token of ${whose} was revoked by hand`, { clientId, userId })
      return { revoked }
    },

    'sessions.list': ({ domainId, userId, limit = DEFAULT_LIMIT }) => {
      domainOf(store, domainId)
      return administer('sessions', { domainId, limit, ...given({ userId }) })
    },
    'sessions.end': async ({ domainId, sessionId }) => {
      const domain = domainOf(store, domainId)
      const session = await administer('findSession', { domainId, sessionId })
      if (session === undefined) throw notFound('session', sessionId)
      await administer('endSession', { domainId, sessionId })
      note(domain, 'A session was ended by hand', session)
      return {}
    },

    'consents.list': ({ domainId, userId, limit = DEFAULT_LIMIT }) => {
      domainOf(store, domainId)
      return administer('consents', { domainId, limit, ...given({ userId }) })
    },
    'consents.revoke': async ({ domainId, userId, clientId }) => {
      const domain = domainOf(store, domainId)
      if (!(await administer('revokeConsent', { domainId, userId, clientId })))
        throw new ProblemError({
          key: 'CONSENT_NOT_FOUND',
          status: 404,
          title: 'The user has allowed this application nothing',
          remedy: 'It may have been revoked meanwhile: look at the list again.',
        })
      note(domain, 'A consent was revoked by hand, with the tokens that came of it', { userId, clientId })
      return {}
    },

    'tokens.list': ({ domainId, userId, clientId, limit = DEFAULT_LIMIT, after }) => {
      domainOf(store, domainId)
      return administer('accessTokens', { domainId, limit, ...given({ userId, clientId, after }) })
    },
    'tokens.revokeById': async ({ domainId, jti }) => {
      const domain = domainOf(store, domainId)
      const token = await administer('findAccessToken', { domainId, jti })
      if (token === undefined) throw notFound('token', jti)
      await administer('revokeAccessToken', { domainId, jti, expiresAt: token.expiresAt })
      note(domain, 'An access token was revoked by hand', token)
      return {}
    },
    'tokens.inspect': ({ domainId, token }) => {
      domainOf(store, domainId)
      return administer('inspect', { domainId, token: token.trim() })
    },
    'tokens.revoke': async ({ domainId, token }) => {
      const domain = domainOf(store, domainId)
      const { clientId, userId } = await administer('inspect', { domainId, token: token.trim() })
      if (!(await administer('revokeToken', { domainId, token: token.trim() })))
        throw new ProblemError({
          key: 'TOKEN_NOT_FOUND',
          status: 404,
          title: `It is no token of the domain ${domain.name}`,
          remedy: 'Paste the token whole, and choose the domain that issued it.',
          errors: [{ field: '/token', message: `It is no token of the domain ${domain.name}` }],
        })
      note(domain, 'A token was revoked by hand', { clientId, userId })
      return {}
    },
  }
}

function given<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never // without the undefined ones
}
