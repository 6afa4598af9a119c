import type { ClientAuthenticationMethod } from '@shared/domain'
import { SigningAlgorithm } from '@shared/signing-key'
import { scopeClaims } from '../claims/user-claims'
import type { CompiledApplication, CompiledDomain } from '../compiled-domain'
import { GRANT_TYPES } from '../grants/grant'
import { loginScopes } from '../grants/scopes'
import type { Call, Endpoint, EndpointName } from '../http/endpoint'
import { clientSecretSigner, idTokenSigner, isMac } from '../tokens/id-token-signer'
import { PASSWORD_ACR } from '../users/authentication-context'
import { prompts } from './authorize/prompt'
import { responseModes } from './authorize/response-mode'

/** What ID tokens say beside the user's own claims. */
const TOKEN_CLAIMS = ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'acr', 'amr', 'nonce', 'at_hash', 'sid']

type Metadata = Readonly<Record<string, unknown>>

/** What metadata calls the address of an endpoint (RFC 8414 §2, OpenID Connect Discovery §3, RFC 9126 §5, RP-Initiated Logout §2.1). */
const ADDRESS_MEMBERS: Readonly<Partial<Record<EndpointName, string>>> = {
  authorize: 'authorization_endpoint',
  par: 'pushed_authorization_request_endpoint',
  token: 'token_endpoint',
  introspect: 'introspection_endpoint',
  revoke: 'revocation_endpoint',
  userinfo: 'userinfo_endpoint',
  jwks: 'jwks_uri',
  logout: 'end_session_endpoint',
}

/**
 * What a domain can do at this moment (RFC 8414 §2, OpenID Connect Discovery §3): the endpoints that are routed, and of methods, grants and
 * algorithms those that an enabled application of the domain may use. It changes with each setting.
 */
export function metadataOf(
  { domain, origin, issuer, now }: Pick<Call, 'domain' | 'origin' | 'issuer' | 'now'>,
  endpoints: readonly Endpoint[],
): Metadata {
  const applications = [...domain.applications.values()].filter(({ snapshot }) => snapshot.enabled)
  return withoutEmpty({
    issuer,
    ...addressesOf(endpoints, `${origin}/`, domain),
    ...grantsOf(applications),
    ...authenticationOf(applications),
    ...openIdOf(domain, applications, now),
    // Left out, they would mean true or unknown (OpenID Connect Discovery §3).
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  })
}

function addressesOf(endpoints: readonly Endpoint[], root: string, { snapshot }: CompiledDomain): Metadata {
  return Object.fromEntries(
    endpoints.flatMap(({ name, paths: [path = ''] }) => {
      const member = ADDRESS_MEMBERS[name]
      return member === undefined ? [] : [[member, root + path.slice(1).replace(':domainPath', snapshot.path)]]
    }),
  )
}

function grantsOf(applications: readonly CompiledApplication[]): Metadata {
  const grantTypes = GRANT_TYPES.filter((each) => applications.some(({ snapshot }) => mayUse(snapshot, each)))
  const ofCodeFlow = applications.filter(usesCodeFlow).map(({ snapshot }) => snapshot)
  if (ofCodeFlow.length === 0) return { response_types_supported: [], grant_types_supported: grantTypes }
  return {
    response_types_supported: ['code'],
    response_modes_supported: responseModes,
    grant_types_supported: grantTypes,
    code_challenge_methods_supported: ['S256', ...(ofCodeFlow.some((each) => each.allowsPlainPkce) ? ['plain'] : [])],
    authorization_response_iss_parameter_supported: true,
    require_pushed_authorization_requests: ofCodeFlow.every((each) => each.requireParRequest),
    prompt_values_supported: prompts,
  }
}

/** How clients prove who they are at each endpoint that they call, and with what they sign assertions (RFC 8414 §2). */
function authenticationOf(applications: readonly CompiledApplication[]): Metadata {
  const methods = methodsOf(applications)
  const ofToken = methodsOf(applications.filter(({ snapshot }) => snapshot.grantTypes.length > 0))
  return {
    ...authenticationAt('token', ofToken),
    // Who proves nothing about itself is not told about tokens (RFC 7662 §2.1), and may take its own back (RFC 7009 §2.1).
    ...authenticationAt(
      'introspection',
      methods.filter((method) => method !== 'none'),
    ),
    ...authenticationAt('revocation', methods),
  }
}

function methodsOf(applications: readonly CompiledApplication[]): readonly ClientAuthenticationMethod[] {
  return [...new Set(applications.flatMap(({ snapshot }) => snapshot.authenticationMethods))]
}

function authenticationAt(endpoint: string, methods: readonly ClientAuthenticationMethod[]): Metadata {
  const algorithms = SigningAlgorithm.anyOf
    .map((each) => each.const)
    .filter((each) => methods.includes(isMac(each) ? 'client_secret_jwt' : 'private_key_jwt'))
  return {
    [`${endpoint}_endpoint_auth_methods_supported`]: methods,
    [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: algorithms,
  }
}

/** What is told of users. In a domain that nobody logs in to, only that subjects are the same for every client. */
function openIdOf(domain: CompiledDomain, applications: readonly CompiledApplication[], now: number): Metadata {
  const ofUsers = applications.filter(logsIn)
  const scopes = new Set([
    ...ofUsers.flatMap(loginScopes),
    ...domain.snapshot.scopes.map(({ key }) => key),
    ...applications.flatMap(({ allowedScopes }) => [...allowedScopes]),
  ])
  const pairs = [...domain.signingKeys.keys()].filter((algorithm) => !isMac(algorithm))
  const ofIdTokens = ofUsers.flatMap((application) => idTokenSigner(domain, application, now)?.algorithm ?? [])
  const ofUserinfo = ofUsers.flatMap((application) => {
    const { userinfoSigningAlgorithm: algorithm } = application.snapshot
    if (algorithm === undefined || !isMac(algorithm)) return []
    return clientSecretSigner(application, algorithm, now)?.algorithm ?? []
  })
  return {
    scopes_supported: [...scopes],
    subject_types_supported: ['public'],
    ...(ofUsers.length === 0
      ? {}
      : {
          id_token_signing_alg_values_supported: [...new Set([...pairs, ...ofIdTokens])],
          userinfo_signing_alg_values_supported: [...new Set([...pairs, ...ofUserinfo])],
          acr_values_supported: [PASSWORD_ACR],
          claim_types_supported: ['normal'],
          claims_supported: [...TOKEN_CLAIMS, ...Object.values(scopeClaims).flat()],
          claims_parameter_supported: ofUsers.some(usesCodeFlow),
        }),
  }
}

function logsIn(application: CompiledApplication): boolean {
  return usesCodeFlow(application) || mayUse(application.snapshot, 'password')
}

function usesCodeFlow({ snapshot }: CompiledApplication): boolean {
  return mayUse(snapshot, 'authorization_code')
}

function mayUse({ grantTypes }: CompiledApplication['snapshot'], grantType: string): boolean {
  return grantTypes.some((each) => each === grantType)
}

/** A list without elements is left out (RFC 8414 §3.2), but for the one that is required. */
function withoutEmpty(metadata: Metadata): Metadata {
  const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0
  return Object.fromEntries(
    Object.entries(metadata).filter(([name, value]) => name === 'response_types_supported' || !isEmpty(value)),
  )
}
