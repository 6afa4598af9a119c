import type { Reason } from '../http/oauth-refusal'
import { OAuthRefusal } from '../http/oauth-refusal'
import type { ApplicationSnapshot, DomainSnapshot } from '../../snapshot'
import type { ClientAuthenticationMethod } from '@shared/domain'

/** Every 401 for a client carries it (RFC 6749 §5.2, RFC 9110 §15.5.2). */
export const BASIC_CHALLENGE = { 'WWW-Authenticate': 'Basic realm="gravitee-io"' } as const

/** 401 `invalid_client`. The caller learns only that its authentication is wrong; what is wrong with it is for the person at the window. */
export function wrongClient(reason: Reason, description = 'Client authentication failed'): OAuthRefusal {
  return new OAuthRefusal(401, 'invalid_client', description, { source: 'RFC 6749 §5.2', ...reason }, BASIC_CHALLENGE)
}

/** Evidence and remedy of a reason that is about one application. */
export function aboutApplication(
  domain: DomainSnapshot,
  { clientId, name }: ApplicationSnapshot,
  label: string,
): Required<Pick<Reason, 'evidence' | 'remedies'>> {
  return {
    evidence: [
      { label: 'Client id', value: clientId },
      { label: 'Application', value: name },
    ],
    remedies: [{ action: 'open-application', label, domainPath: domain.path, clientId }],
  }
}

export function unknownClient(domain: DomainSnapshot, clientId: string): Reason & Required<Pick<Reason, 'evidence'>> {
  const shownId = clientId.slice(0, 64)
  return {
    key: 'CLIENT_UNKNOWN',
    sentence: `No application of domain ${domain.name} has the client id ${shownId}`,
    evidence: [
      { label: 'Client id', value: shownId },
      { label: 'Applications of the domain', value: String(domain.applications.length) },
    ],
  }
}

export function disabledApplication(domain: DomainSnapshot, application: ApplicationSnapshot): Reason {
  return {
    key: 'APPLICATION_DISABLED',
    sentence: `Application ${application.name} is disabled`,
    ...aboutApplication(domain, application, 'Enable the application'),
  }
}

/** An application authenticates as it is set to, and in no other way (OpenID Connect Registration §2, `token_endpoint_auth_method`). */
export function wrongMethod(
  domain: DomainSnapshot,
  application: ApplicationSnapshot,
  used: ClientAuthenticationMethod,
): Reason {
  const set = application.authenticationMethods.join(' or ')
  const { evidence, remedies } = aboutApplication(domain, application, 'Change how it authenticates')
  return {
    key: 'CLIENT_METHOD_NOT_ALLOWED',
    sentence: `Application ${application.name} authenticates by ${set}, and this request by ${used}`,
    source: 'RFC 6749 §2.3',
    evidence: [...evidence, { label: 'Method used', value: used }, { label: 'Method of the application', value: set }],
    remedies,
  }
}
