import { CLIENT_AUTHENTICATION, type ClientAuthentication } from '../client-authentication/require-client'
import { NO_STORE, type Answer, type Endpoint } from '../http/endpoint'
import { OAuthRefusal } from '../http/oauth-refusal'
import type { Revocations } from '../revocations'
import type { TokenInspector } from '../tokens/inspect-token'
import { requireToken } from './token-parameter'

const DONE: Answer = { status: 200, headers: NO_STORE, body: '' }

/** POST /:domainPath/oauth/revoke (RFC 7009) */
export function revokeEndpoint(
  clients: ClientAuthentication,
  inspector: TokenInspector,
  revocations: Revocations,
): Endpoint {
  return {
    name: 'revoke',
    methods: ['POST'],
    parameters: 'body',
    readers: 'of-application',
    paths: ['/:domainPath/oauth/revoke'],
    stations: [CLIENT_AUTHENTICATION, 'Token'],

    async handle(call) {
      const { snapshot } = await clients.requireClient(call, { acceptsPublic: true })
      const token = requireToken(call)
      const inspection = inspector.inspect(call.domain, call.domains, token, call.now)
      if (inspection.claims === undefined) {
        // RFC 7009 §2.2: what is not a token of ours is as good as revoked.
        call.report.trace?.passed('Token', 'There is nothing to revoke: it is not a token of this domain')
        return DONE
      }
      const { aud, jti, exp } = inspection.claims
      if (aud !== snapshot.clientId) throw issuedToAnother(snapshot.name, aud)
      // Also when it is revoked already: the write of that revocation may still be under way.
      if (exp * 1000 > call.now) await written(revocations.revoke(call.domain.snapshot.id, jti, exp * 1000))
      call.report.about({ summary: `An access token of ${snapshot.name} was revoked` })
      call.report.trace?.passed('Token', 'Revoked: it is refused from now on', [{ label: 'Token id', value: jti }])
      return DONE
    },
  }
}

/** RFC 7009 §2.1: the request is refused and the client informed; the code is the one of RFC 6749 §5.2 for "issued to another client". */
function issuedToAnother(name: string, clientId: string): OAuthRefusal {
  return new OAuthRefusal(400, 'invalid_grant', 'The token was issued to another client', {
    key: 'TOKEN_OF_ANOTHER_CLIENT',
    sentence: `Application ${name} may not revoke a token that was issued to ${clientId}`,
    source: 'RFC 7009 §2.1',
    evidence: [{ label: 'Issued to', value: clientId }],
  })
}

async function written(revocation: Promise<void>): Promise<void> {
  try {
    await revocation
  } catch {
    throw new OAuthRefusal(503, 'temporarily_unavailable', 'The revocation could not be stored; try again', {
      key: 'REVOCATION_NOT_STORED',
      sentence:
        'The revocation could not be written to the disk. The token is refused until the engine stops; try again',
      source: 'RFC 7009 §2.2.1',
    })
  }
}
