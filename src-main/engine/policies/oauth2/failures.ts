import type { Evidence, Remedy } from '@shared/traffic'
import type { Introspection, TokenAuthority } from '../../resources/resource'
import { trustRemedies } from '../../tls/certificate-fault'
import type { Failure, FailureDeclaration, StepPlace } from '../policy'
import { openPlace } from '../open-place'
import { requiredInWords } from '../scopes'

export const errors = {
  OAUTH2_MISSING_SERVER: { status: 401, meaning: 'The API has no such resource, or it is disabled' },
  OAUTH2_MISSING_HEADER: { status: 401, meaning: 'There is no Authorization header, or it is not of the kind Bearer' },
  OAUTH2_MISSING_ACCESS_TOKEN: { status: 401, meaning: 'Nothing follows Bearer' },
  OAUTH2_INVALID_ACCESS_TOKEN: { status: 401, meaning: 'The authorization server says that the token is not active' },
  OAUTH2_INVALID_SERVER_RESPONSE: { status: 401, meaning: "The authorization server's answer cannot be read" },
  OAUTH2_INSUFFICIENT_SCOPE: {
    status: 401,
    meaning: 'The token lacks a required scope (403 with the challenge style rfc6750)',
  },
  OAUTH2_SERVER_UNAVAILABLE: { status: 503, meaning: 'The authorization server cannot be reached, or fails' },
} satisfies Record<string, FailureDeclaration>

type Unavailable = Extract<Introspection, { outcome: 'unavailable' }>

/** The failures of one step of one API, with remedies that lead to it. */
export function createFailures(place: StepPlace, requiredScopes: readonly string[]) {
  const openStep = openPlace(place, 'Open the OAuth2 policy')
  const openResource = (resource: string): Remedy => ({
    action: 'open-resource',
    label: `Open the resource ${resource}`,
    apiId: place.apiId,
    resource,
  })
  const getToken = (authority: TokenAuthority): Remedy => ({
    action: 'get-token',
    label: 'Get a token',
    ...(authority.localDomainPath === undefined ? {} : { domainPath: authority.localDomainPath }),
    scopes: [...requiredScopes],
  })

  return {
    missingServer: (name: string, kind: 'none' | 'cache' | undefined): Failure => ({
      key: 'OAUTH2_MISSING_SERVER',
      status: errors.OAUTH2_MISSING_SERVER.status,
      message: 'No OAuth authorization server has been configured',
      sentence:
        kind === 'cache'
          ? `The resource ${name} is a cache, and no authorization server`
          : name === ''
            ? 'The OAuth2 policy names no resource'
            : `The OAuth2 policy names the resource ${name}, and this API has no enabled resource of that name`,
      evidence: [{ label: 'Resource', value: name === '' ? '(none)' : name }],
      remedies: [openStep],
      challenge: {},
    }),

    missingHeader: (authority: TokenAuthority, scheme: string | undefined): Failure => ({
      key: 'OAUTH2_MISSING_HEADER',
      status: errors.OAUTH2_MISSING_HEADER.status,
      message: 'No OAuth authorization header was supplied',
      sentence:
        scheme === undefined
          ? 'The request has no Authorization header'
          : 'The Authorization header is not of the kind Bearer',
      source: 'RFC 6750 §2.1',
      evidence: [{ label: 'Authorization', value: scheme ?? '(absent)' }],
      remedies: [getToken(authority), openStep],
      challenge: {},
    }),

    missingAccessToken: (authority: TokenAuthority): Failure => ({
      key: 'OAUTH2_MISSING_ACCESS_TOKEN',
      status: errors.OAUTH2_MISSING_ACCESS_TOKEN.status,
      message: 'No OAuth access token was supplied',
      sentence: 'The Authorization header says Bearer, and no token follows',
      source: 'RFC 6750 §2.1',
      evidence: [{ label: 'Authorization', value: 'Bearer' }],
      remedies: [getToken(authority)],
      challenge: { error: 'invalid_request', description: 'No OAuth access token was supplied' },
    }),

    invalidAccessToken: (
      authority: TokenAuthority,
      { reason, evidence = [], inProcess }: Extract<Introspection, { outcome: 'inactive' }>,
    ): Failure => ({
      key: 'OAUTH2_INVALID_ACCESS_TOKEN',
      status: errors.OAUTH2_INVALID_ACCESS_TOKEN.status,
      message: 'invalid_token',
      sentence:
        reason ??
        `The authorization server of ${authority.name} says that the token is not active: expired, revoked, or never its own`,
      source: 'RFC 7662 §2.2',
      evidence: [
        ...evidence,
        { label: 'Introspection', value: 'active: false' },
        { label: 'Asked', value: inProcess ? 'in process' : 'over HTTP' },
      ],
      remedies: [getToken(authority), openResource(authority.name)],
      challenge: { error: 'invalid_token', description: 'The access token is not active' },
    }),

    invalidServerResponse: (authority: TokenAuthority, sentence: string, evidence: readonly Evidence[]): Failure => ({
      key: 'OAUTH2_INVALID_SERVER_RESPONSE',
      status: errors.OAUTH2_INVALID_SERVER_RESPONSE.status,
      message: 'Invalid response from authorization server',
      sentence,
      source: 'RFC 7662 §2.2',
      evidence,
      remedies: [openResource(authority.name)],
      challenge: { error: 'invalid_token', description: 'Invalid response from authorization server' },
    }),

    insufficientScope: (
      authority: TokenAuthority,
      lacking: readonly string[],
      scopes: readonly string[],
      strict: boolean,
      clientId: string | undefined,
    ): Failure => ({
      key: 'OAUTH2_INSUFFICIENT_SCOPE',
      status: errors.OAUTH2_INSUFFICIENT_SCOPE.status,
      message: 'The request requires higher privileges than provided by the access token.',
      sentence: `${requiredInWords(strict ? lacking : requiredScopes, strict)}; the token has ${scopes.length === 0 ? 'none' : scopes.join(', ')}`,
      source: 'RFC 6750 §3.1',
      evidence: [
        { label: 'Required scopes', value: requiredScopes.join(' ') },
        { label: 'Scopes of the token', value: scopes.join(' ') },
        ...(clientId === undefined ? [] : [{ label: 'Client', value: clientId }]),
      ],
      remedies: [
        ...(authority.localDomainPath !== undefined && clientId !== undefined
          ? [
              {
                action: 'add-scopes' as const,
                label: `Give the application ${lacking.join(', ')}`,
                domainPath: authority.localDomainPath,
                clientId,
                scopes: [...lacking],
              },
            ]
          : []),
        getToken(authority),
        openStep,
      ],
      challenge: {
        error: 'insufficient_scope',
        description: 'The request requires higher privileges than provided by the access token.',
        scope: requiredScopes.join(' '),
      },
    }),

    serverUnavailable: (authority: TokenAuthority, { sentence, evidence, fault }: Unavailable): Failure => ({
      key: 'OAUTH2_SERVER_UNAVAILABLE',
      status: errors.OAUTH2_SERVER_UNAVAILABLE.status,
      message: 'temporarily_unavailable',
      sentence,
      evidence,
      remedies: [...trustRemedies(fault), openResource(authority.name)],
    }),
  }
}
