import {
  actsForUsers,
  applicationKind,
  authenticationMethods,
  isPublicClient,
  usesSecret,
} from '@shared/application-kinds'
import type { ApplicationCheck } from '@shared/application-settings'
import type { Application, Domain } from '@shared/domain'
import type { FieldError } from '@shared/problem'
import { signingAlgorithms, type SigningAlgorithm } from '@shared/signing-key'
import { unknownScopes } from '../unknown-scopes'
import { originFault, redirectAdvice, redirectFault, resourceFault, type AddressFault } from './check-addresses'
import { claimErrors } from './check-claims'
import { keyErrors } from './check-keys'

/**
 * What of an application cannot be, with its domain as it is, and what keeps it from working although it can be. `field` is a JSON
 * pointer into the application. Pure: operations refuse the errors, and files that hold them are told of.
 */
export function checkApplication(domain: Domain, application: Application): ApplicationCheck {
  return {
    errors: [
      ...methodErrors(application),
      ...grantErrors(application),
      ...addressErrors(application),
      ...scopeErrors(domain, application),
      ...tokenErrors(domain, application),
    ],
    warnings: [...grantWarnings(application), ...signerWarnings(domain, application), ...addressWarnings(application)],
  }
}

function methodErrors(application: Application): FieldError[] {
  const { type, jwks } = application
  const { label, isPublic } = applicationKind(type)
  const errors = within('/jwks/keys', keyErrors(jwks?.keys ?? []))
  const method = (message: string, remedy: string) =>
    errors.push({ field: '/tokenEndpointAuthMethod', message, remedy })
  if (isPublic && !isPublicClient(application))
    method(
      `A ${label.toLowerCase()} application can keep neither a secret nor a key (RFC 6749 §2.1)`,
      'Choose none; PKCE protects its logins.',
    )
  if (type === 'resource_server' && isPublicClient(application))
    method(
      'A resource server has to prove who it is before it learns anything about a token (RFC 7662 §2.1)',
      'Choose a method other than none.',
    )
  if (!isPublic && authenticationMethods(application).includes('private_key_jwt') && !jwks?.keys.length)
    errors.push({
      field: '/jwks',
      message: 'private_key_jwt needs the public key of the application, and there is none',
      remedy: 'Add a JWK set or a public key, or choose another method.',
    })
  return errors
}

function grantErrors(application: Application): FieldError[] {
  const { label, possibleGrantTypes } = applicationKind(application.type)
  const { grantTypes, disableRefreshTokenRotation } = application
  const errors = grantTypes.flatMap((grant, index): FieldError[] => {
    const field = `/grantTypes/${index}`
    if (!possibleGrantTypes.includes(grant))
      return [
        {
          field,
          message: `The kind ${label} does not go with the grant ${grant}`,
          remedy: possibleGrantTypes.length === 0 ? 'It has none.' : `Choose among ${possibleGrantTypes.join(', ')}.`,
        },
      ]
    if (grantTypes.indexOf(grant) < index)
      return [{ field, message: `The grant ${grant} is named twice`, remedy: 'Remove the second.' }]
    if (grant === 'client_credentials' && isPublicClient(application))
      return [
        {
          field,
          message: 'client_credentials is for applications that prove who they are (RFC 6749 §4.4)',
          remedy: 'Choose a method of authentication, or leave the grant out.',
        },
      ]
    return []
  })
  if (disableRefreshTokenRotation && isPublicClient(application) && grantTypes.includes('refresh_token'))
    errors.push({
      field: '/disableRefreshTokenRotation',
      message: 'Refresh tokens of a public client have to be rotated (RFC 9700 §2.2.2)',
      remedy: 'Leave the rotation on.',
    })
  return errors
}

function addressErrors(application: Application): FieldError[] {
  const { type, redirectUris, postLogoutRedirectUris, allowedOrigins, allowedResources } = application
  return [
    ...listErrors('/redirectUris', redirectUris, (address) => redirectFault(address, type)),
    ...listErrors('/postLogoutRedirectUris', postLogoutRedirectUris, (address) => redirectFault(address, type)),
    ...listErrors('/allowedOrigins', allowedOrigins, (origin) => originFault(origin, type)),
    ...listErrors('/allowedResources', allowedResources, resourceFault),
  ]
}

function listErrors(
  pointer: string,
  list: readonly string[] = [],
  fault: (entry: string) => AddressFault | undefined,
): FieldError[] {
  return list.flatMap((entry, index) => {
    const field = `${pointer}/${index}`
    if (list.indexOf(entry) < index)
      return [{ field, message: 'It is in the list already', remedy: 'Remove one of the two.' }]
    const found = fault(entry)
    return found ? [{ field, ...found }] : []
  })
}

function scopeErrors(domain: Domain, { scopeSettings }: Application): FieldError[] {
  const scopes = scopeSettings.map(({ scope }) => scope)
  return unknownScopes(domain, scopes, (index) => `/scopeSettings/${index}/scope`)
}

function tokenErrors(domain: Domain, application: Application): FieldError[] {
  const active = new Set(domain.keys.filter(({ status }) => status === 'active').map(({ algorithm }) => algorithm))
  const algorithms = (['signingAlgorithm', 'userinfoSignedResponseAlg'] as const).flatMap((member): FieldError[] => {
    const algorithm = application[member]
    if (algorithm === undefined || active.has(algorithm)) return []
    // The client's own secret signs then, and no key of the domain.
    if (member === 'userinfoSignedResponseAlg' && signingAlgorithms[algorithm].kty === 'oct') return []
    return [
      {
        field: `/${member}`,
        message: `The domain ${domain.name} has no active key for ${algorithm}`,
        remedy: `Add a key for ${algorithm} to the domain, or choose among ${[...active].join(', ')}.`,
      },
    ]
  })
  return [
    ...algorithms,
    ...userinfoErrors(application),
    ...within('/tokenCustomClaims', claimErrors(application.tokenCustomClaims ?? [])),
  ]
}

/** A userinfo answer is signed by a key pair of the domain, or with the client's own secret (OpenID Connect Core §10.1). */
function userinfoErrors(application: Application): FieldError[] {
  const { userinfoSignedResponseAlg: algorithm } = application
  if (algorithm === undefined || signingAlgorithms[algorithm].kty !== 'oct' || usesSecret(application)) return []
  return [
    {
      field: '/userinfoSignedResponseAlg',
      message: `${algorithm} signs with the secret of the application, which has none`,
      remedy: 'Choose an algorithm of a key pair, such as RS256, or leave userinfo unsigned.',
    },
  ]
}

function grantWarnings(application: Application): FieldError[] {
  const { type, grantTypes, redirectUris = [], forceS256CodeChallengeMethod } = application
  const warnings: FieldError[] = []
  const warn = (field: string, message: string, remedy: string) => warnings.push({ field, message, remedy })
  if (grantTypes.length === 0 && type !== 'resource_server')
    warn('/grantTypes', 'It has no grant, so that it gets no tokens', 'Choose one.')
  if (grantTypes.includes('authorization_code') && redirectUris.length === 0)
    warn(
      '/redirectUris',
      'Nobody can log in to it yet: it has no redirect address',
      'Add the address that logins lead back to.',
    )
  if (grantTypes.includes('refresh_token') && !actsForUsers(application))
    warn(
      '/grantTypes',
      'Nothing gives it a refresh token',
      'Add the grant authorization_code, or leave refresh_token out.',
    )
  if (grantTypes.includes('password'))
    warn(
      '/grantTypes',
      'The grant password is legacy: the application sees the passwords of its users (RFC 9700 §2.4)',
      'Use authorization_code where you can.',
    )
  if (grantTypes.includes('authorization_code') && forceS256CodeChallengeMethod === false)
    warn(
      '/forceS256CodeChallengeMethod',
      'The challenge method plain protects no code that is read on its way (RFC 9700 §2.1.1)',
      'Demand S256 once every version of the application can send it.',
    )
  return warnings
}

/** An ID token is signed by a key pair of the domain, or with the client's secret (OpenID Connect Core §10.1): a public client has none. */
function signerWarnings(domain: Domain, application: Application): FieldError[] {
  const { grantTypes, signingAlgorithm } = application
  if (!grantTypes.includes('authorization_code') || !isPublicClient(application)) return []
  const isPair = (algorithm: SigningAlgorithm) => signingAlgorithms[algorithm].kty !== 'oct'
  const hasPair = domain.keys.some(({ status, algorithm }) => status === 'active' && isPair(algorithm))
  if (hasPair && (signingAlgorithm === undefined || isPair(signingAlgorithm))) return []
  return [
    {
      field: '/signingAlgorithm',
      message: 'Its logins get no ID token: a client without a secret needs one that is signed by a key pair',
      remedy: hasPair
        ? 'Choose an algorithm of a key pair, such as RS256.'
        : 'Add a key pair, such as RS256, to the domain.',
    },
  ]
}

function addressWarnings({ redirectUris = [], postLogoutRedirectUris = [] }: Application): FieldError[] {
  const lists = { '/redirectUris': redirectUris, '/postLogoutRedirectUris': postLogoutRedirectUris }
  return Object.entries(lists).flatMap(([pointer, list]) =>
    list.flatMap((address, index) => {
      const advice = redirectAdvice(address)
      return advice ? [{ field: `${pointer}/${index}`, ...advice }] : []
    }),
  )
}

const within = (pointer: string, errors: readonly FieldError[]): FieldError[] =>
  errors.map((error) => ({ ...error, field: `${pointer}${error.field}` }))
