import type { CompiledApplication, CompiledDomain } from '../../compiled-domain'
import type { CallReport } from '../../http/call-report'
import type { Parameters } from '../../http/form'
import { malformed, OAuthRefusal, type Reason } from '../../http/oauth-refusal'
import { isRegistered, onlyRegistered } from './redirect-uri'
import { defaultResponseMode, isResponseMode, type ResponseMode } from './response-mode'

/** Where the answer to an authorization request goes, be it a code or an error. */
export interface Target {
  readonly application: CompiledApplication
  /** One that the application registered. */
  readonly redirectUri: string
  /** As the request names it; undefined when it leaves it out. */
  readonly givenRedirectUri: string | undefined
  readonly responseMode: ResponseMode
  /** To be handed back as it is; undefined also when it cannot be. */
  readonly state: string | undefined
}

export interface RequestContext {
  readonly domain: CompiledDomain
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly report: Pick<CallReport, 'trace'>
}

/** Characters of `state`: what comes back stands in an address. */
export const LONGEST_STATE = 4096

/**
 * Finds the application and the address to answer to. What is wrong here is told to the user, since there is nobody else who could be
 * told (RFC 6749 §4.1.2.1).
 *
 * @throws OAuthRefusal
 */
export function readTarget({ domain, report }: RequestContext, parameters: Parameters): Target {
  const application = findApplication(domain, parameters)
  const { name, clientId } = application.snapshot
  report.trace?.passed('Client', `Application ${name}`, [{ label: 'Client id', value: clientId }])
  const givenRedirectUri = read(parameters, 'redirect_uri')
  const redirectUri = findRedirectUri(domain, application, givenRedirectUri)
  const sentence = givenRedirectUri === undefined ? 'None is named: the only registered one' : 'It is registered'
  report.trace?.passed('Redirect address', sentence, [{ label: 'Address', value: redirectUri.slice(0, 512) }])
  const { form } = parameters
  const mode = form.get('response_mode')
  const state = form.get('state')
  return {
    application,
    redirectUri,
    givenRedirectUri,
    responseMode: isResponseMode(mode) ? mode : defaultResponseMode(form.get('response_type')),
    state: state !== undefined && state.length <= LONGEST_STATE ? state : undefined,
  }
}

/** @throws OAuthRefusal when there are several values, or one that cannot be read: neither of them may decide where the answer goes */
function read({ form, flawed }: Parameters, name: string): string | undefined {
  const flaw = flawed.get(name)
  if (flaw !== undefined) throw flaw
  return form.get(name)
}

function findApplication(domain: CompiledDomain, parameters: Parameters): CompiledApplication {
  const clientId = read(parameters, 'client_id')
  if (clientId === undefined) {
    throw (
      parameters.flaws[0] ??
      malformed('CLIENT_ID_MISSING', 'The parameter client_id is missing', { source: 'RFC 6749 §4.1.1' })
    )
  }
  const application = domain.applications.get(clientId)
  if (application === undefined) {
    throw wrongClient('The application that asks for the login is not known here', {
      key: 'CLIENT_UNKNOWN',
      sentence: `No application of domain ${domain.snapshot.name} has the client id ${clientId.slice(0, 64)}`,
      evidence: [
        { label: 'Client id', value: clientId.slice(0, 64) },
        { label: 'Applications of the domain', value: String(domain.applications.size) },
      ],
    })
  }
  const { name, enabled } = application.snapshot
  if (enabled) return application
  throw wrongClient('The application that asks for the login is turned off', {
    key: 'APPLICATION_DISABLED',
    sentence: `Application ${name} is disabled`,
    evidence: [{ label: 'Application', value: name }],
    remedies: [openApplication(domain, application, 'Enable the application')],
  })
}

function findRedirectUri(domain: CompiledDomain, application: CompiledApplication, given: string | undefined): string {
  const { name, redirectUris } = application.snapshot
  const evidence = [{ label: 'Registered', value: redirectUris.join(', ').slice(0, 1024) || 'none' }]
  const remedies = [openApplication(domain, application, 'Open the application')]
  if (given === undefined) {
    const only = onlyRegistered(application.snapshot)
    if (only !== undefined) return only
    throw malformed('REDIRECT_URI_MISSING', 'The parameter redirect_uri is missing', {
      sentence: `The request names no redirect_uri, and application ${name} has not exactly one registered`,
      source: 'RFC 6749 §3.1.2.3',
      evidence,
      remedies,
    })
  }
  if (isRegistered(application.snapshot, given)) return given
  throw malformed('REDIRECT_URI_NOT_REGISTERED', 'The redirect_uri is not registered for the application', {
    sentence: `The redirect_uri is not exactly one that application ${name} has registered`,
    source: 'RFC 6749 §3.1.2.4, RFC 9700 §2.1',
    evidence: [{ label: 'Asked for', value: given.slice(0, 512) }, ...evidence],
    remedies,
  })
}

export function openApplication(
  { snapshot }: CompiledDomain,
  application: CompiledApplication,
  label: string,
): NonNullable<Reason['remedies']>[number] {
  return { action: 'open-application', label, domainPath: snapshot.path, clientId: application.snapshot.clientId }
}

function wrongClient(description: string, reason: Reason): OAuthRefusal {
  return new OAuthRefusal(400, 'unauthorized_client', description, { source: 'RFC 6749 §4.1.2.1', ...reason })
}
