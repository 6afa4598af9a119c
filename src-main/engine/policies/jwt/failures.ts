import type { Remedy } from '@shared/traffic'
import type { Failure, FailureDeclaration, StepPlace } from '../policy'
import { openPlace } from '../open-place'
import { requiredInWords } from '../scopes'
import type { FoundToken } from '../bearer-token'
import type { Flaw } from './key-source'

export const errors = {
  JWT_MISSING_TOKEN: { status: 401, meaning: 'There is no bearer token' },
  JWT_INVALID_TOKEN: { status: 401, meaning: 'The token is none, is not signed as it must be, or its time is over' },
  JWT_INSUFFICIENT_SCOPE: {
    status: 401,
    meaning: 'The token lacks a required scope (403 with the challenge style rfc6750)',
  },
  JWT_INVALID_CERTIFICATE_BOUND_THUMBPRINT: {
    status: 401,
    meaning: 'The token is bound to another certificate than the client has shown, or to none',
  },
  JWT_JWKS_RESOLUTION_ERROR: { status: 500, meaning: 'The key set cannot be read at its address' },
  JWT_REVOKED: { status: 401, meaning: 'The list of revoked tokens names the token' },
  JWT_REVOCATION_LIST_UNAVAILABLE: {
    status: 503,
    meaning: 'The list of revoked tokens was never read, and cannot be read now',
  },
  JWT_POLICY_ERROR: { status: 500, meaning: 'The expression for the key gives nothing that is a key' },
} satisfies Record<string, FailureDeclaration>

/** What the caller is told of a token, whatever is wrong with it; as of Gravitee. */
const UNAUTHORIZED = 'Unauthorized'

/** The failures of one step of one API, with remedies that lead to it. */
export function createFailures(place: StepPlace, requiredScopes: readonly string[]) {
  const openStep = openPlace(place, 'Open the JWT policy')
  const getToken: Remedy = { action: 'get-token', label: 'Get a token', scopes: [...requiredScopes] }

  return {
    missingToken: (found: Exclude<FoundToken, { found: 'token' }>): Failure => ({
      key: 'JWT_MISSING_TOKEN',
      status: errors.JWT_MISSING_TOKEN.status,
      message: UNAUTHORIZED,
      sentence:
        found.found === 'nothing'
          ? 'The request has no Authorization header'
          : found.found === 'empty'
            ? 'The Authorization header says Bearer, and no token follows'
            : 'The Authorization header is not of the kind Bearer',
      source: 'RFC 6750 §2.1',
      evidence: [{ label: 'Authorization', value: SHOWN[found.found] ?? ('scheme' in found ? found.scheme : '') }],
      remedies: [getToken, openStep],
      challenge: {},
    }),

    invalidToken: ({ reason, evidence, ofEveryToken }: Flaw): Failure => ({
      key: 'JWT_INVALID_TOKEN',
      status: errors.JWT_INVALID_TOKEN.status,
      message: UNAUTHORIZED,
      sentence: reason,
      source: 'RFC 7519 §7.2',
      evidence,
      remedies: ofEveryToken ? [openStep, getToken] : [getToken, openStep],
      challenge: { error: 'invalid_token', description: 'The access token is not valid' },
    }),

    revoked: ({ reason, evidence }: Flaw): Failure => ({
      key: 'JWT_REVOKED',
      status: errors.JWT_REVOKED.status,
      message: UNAUTHORIZED,
      sentence: reason,
      evidence,
      remedies: [getToken, openStep],
      challenge: { error: 'invalid_token', description: 'The access token is not valid' },
    }),

    revocationsUnknown: ({ reason, evidence }: Flaw): Failure => ({
      key: 'JWT_REVOCATION_LIST_UNAVAILABLE',
      status: errors.JWT_REVOCATION_LIST_UNAVAILABLE.status,
      message: 'Service unavailable',
      sentence: reason,
      evidence,
      remedies: [openStep],
    }),

    otherCertificate: ({ reason, evidence }: Flaw): Failure => ({
      key: 'JWT_INVALID_CERTIFICATE_BOUND_THUMBPRINT',
      status: errors.JWT_INVALID_CERTIFICATE_BOUND_THUMBPRINT.status,
      message: UNAUTHORIZED,
      sentence: reason,
      source: 'RFC 8705 §3',
      evidence,
      remedies: [openStep],
      challenge: { error: 'invalid_token', description: 'The access token is bound to another certificate' },
    }),

    insufficientScope: (lacking: readonly string[], scopes: readonly string[], strict: boolean): Failure => ({
      key: 'JWT_INSUFFICIENT_SCOPE',
      status: errors.JWT_INSUFFICIENT_SCOPE.status,
      message: UNAUTHORIZED,
      sentence: `${requiredInWords(strict ? lacking : requiredScopes, strict)}; the token has ${scopes.length === 0 ? 'none' : scopes.join(', ')}`,
      source: 'RFC 6750 §3.1',
      evidence: [
        { label: 'Required scopes', value: requiredScopes.join(' ') },
        { label: 'Scopes of the token', value: scopes.join(' ') },
      ],
      remedies: [getToken, openStep],
      challenge: {
        error: 'insufficient_scope',
        description: 'The request requires higher privileges than provided by the access token.',
        scope: requiredScopes.join(' '),
      },
    }),

    noKeys: (key: 'JWT_JWKS_RESOLUTION_ERROR' | 'JWT_POLICY_ERROR', { reason, evidence }: Flaw): Failure => ({
      key,
      status: errors[key].status,
      message: 'Internal Server Error',
      sentence: reason,
      evidence,
      remedies: [openStep],
    }),
  }
}

const SHOWN: Partial<Record<FoundToken['found'], string>> = { nothing: '(absent)', empty: 'Bearer' }
