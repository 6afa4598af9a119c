import {
  CLIENT_AUTHENTICATION,
  isPublicClient,
  type ClientAuthentication,
} from '../client-authentication/require-client'
import { aboutApplication } from '../client-authentication/wrong-client'
import type { CompiledApplication } from '../compiled-domain'
import type { Grant } from '../grants/grant'
import type { Call, Endpoint } from '../http/endpoint'
import { malformed, OAuthRefusal, type Reason } from '../http/oauth-refusal'

const STATIONS = [CLIENT_AUTHENTICATION, 'Grant type']

/** POST /:domainPath/oauth/token (RFC 6749 §3.2) */
export function tokenEndpoint(clients: ClientAuthentication, grants: readonly Grant[]): Endpoint {
  const byType = new Map<string, Grant>(grants.map((grant) => [grant.grantType, grant]))
  return {
    name: 'token',
    methods: ['POST'],
    parameters: 'body',
    repeatable: ['resource'],
    readers: 'of-application',
    paths: ['/:domainPath/oauth/token'],
    stations: STATIONS,

    async handle(call) {
      const application = await clients.requireClient(call, { acceptsPublic: true })
      const grant = chooseGrant(call, byType)
      call.report.stations([...STATIONS, ...grant.stations])
      requireGrantAllowed(call, application, grant)
      return grant.handle(call, application)
    },
  }
}

function chooseGrant(call: Call, grants: ReadonlyMap<string, Grant>): Grant {
  const grantType = call.form.get('grant_type')
  if (grantType === undefined) {
    throw malformed('GRANT_TYPE_MISSING', 'The parameter grant_type is missing', { source: 'RFC 6749 §4.4.2' })
  }
  const grant = grants.get(grantType)
  call.report.about({ grantType: grantType.slice(0, 64) })
  if (grant !== undefined) return grant
  const known = [...grants.keys()].join(', ')
  throw new OAuthRefusal(400, 'unsupported_grant_type', `This server supports grant_type ${known}`, {
    key: 'GRANT_TYPE_UNSUPPORTED',
    sentence: `The grant type asked for is not supported; ${known} is`,
    source: 'RFC 6749 §5.2',
    evidence: [{ label: 'grant_type', value: grantType.slice(0, 64) }],
  })
}

function requireGrantAllowed(
  call: Call,
  application: CompiledApplication,
  { grantType, acceptsPublicClients }: Grant,
): void {
  const { snapshot } = application
  const { remedies } = aboutApplication(call.domain.snapshot, snapshot, 'Open the application')
  const refuse = (reason: Reason) =>
    new OAuthRefusal(400, 'unauthorized_client', `The client may not use grant_type ${grantType}`, {
      ...reason,
      remedies,
    })
  if (!snapshot.grantTypes.includes(grantType)) {
    throw refuse({
      key: 'GRANT_TYPE_NOT_ALLOWED',
      sentence: `Application ${snapshot.name} may not use the grant type ${grantType}`,
      source: 'RFC 6749 §5.2',
      evidence: [{ label: 'Grant types of the application', value: snapshot.grantTypes.join(', ') || 'none' }],
    })
  }
  if (isPublicClient(application) && !acceptsPublicClients) {
    throw refuse({
      key: 'GRANT_TYPE_NOT_FOR_PUBLIC_CLIENTS',
      sentence: `Application ${snapshot.name} is public and proves nothing about itself, so that anybody could use the grant type ${grantType} in its name`,
      source: 'RFC 6749 §4.4',
      evidence: [{ label: 'Authentication of the application', value: 'none' }],
    })
  }
  call.report.trace?.passed('Grant type', `${grantType}, which application ${snapshot.name} may use`)
}
