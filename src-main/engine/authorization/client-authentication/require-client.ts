import type { Evidence } from '@shared/traffic'
import type { State } from '../../state'
import type { CompiledApplication } from '../compiled-domain'
import type { Call } from '../http/endpoint'
import { authenticateClient } from './authenticate-client'
import { authenticateByAssertion } from './client-assertion'
import { readCredentials, type PublicCredentials } from './credentials'
import { createUsedAssertions } from './used-assertions'
import { aboutApplication, disabledApplication, unknownClient, wrongClient, wrongMethod } from './wrong-client'

export const CLIENT_AUTHENTICATION = 'Client authentication'

export interface ClientAuthentication {
  /**
   * The step that every POST endpoint begins with: finds the application that asks, and sees to it that it authenticates as it is
   * set to.
   *
   * @throws OAuthRefusal 401 `invalid_client`, 400 `invalid_request`
   */
  requireClient(call: Call, options?: ClientDemands): Promise<CompiledApplication>
}

export interface ClientDemands {
  /** Takes clients that prove nothing about themselves (`none`), where something else protects what they ask for. */
  readonly acceptsPublic?: boolean
}

/** Client authentication with its memory of assertions, which are good once. */
export function createClientAuthentication(state: State): ClientAuthentication {
  const used = createUsedAssertions(state)

  return {
    async requireClient(call, { acceptsPublic = false } = {}) {
      const credentials = readCredentials(call.authorization, call.form)
      if (credentials.method === 'assertion') {
        const { application, method, signedWith } = await authenticateByAssertion(call, credentials, used)
        call.report.proved()
        tell(call, application, method, signedWith)
        return application
      }
      call.report.client(credentials.clientId)
      if (credentials.method === 'none') {
        const application = acceptPublicClient(call, credentials, acceptsPublic)
        tell(call, application, 'none: it proves nothing about itself')
        return application
      }
      const { application, secret } = authenticateClient(call.domain, credentials, call.now)
      call.report.proved()
      tell(call, application, credentials.method, { label: 'Secret', value: secret.name })
      return application
    },
  }
}

/** Whether the application is a public client, which proves nothing about itself (RFC 6749 §2.1). */
export function isPublicClient({ snapshot }: CompiledApplication): boolean {
  return snapshot.authenticationMethods.includes('none')
}

function acceptPublicClient(call: Call, { clientId }: PublicCredentials, acceptsPublic: boolean): CompiledApplication {
  const { snapshot: domain, applications } = call.domain
  const description = 'The request names a client but carries no client authentication'
  const application = applications.get(clientId)
  if (application === undefined) throw wrongClient(unknownClient(domain, clientId), description)
  const { snapshot } = application
  if (!isPublicClient(application)) {
    const reason = wrongMethod(domain, snapshot, 'none')
    throw wrongClient({ ...reason, key: 'CLIENT_SECRET_MISSING' }, description)
  }
  if (!acceptsPublic) {
    const sentence = `Application ${snapshot.name} is public and proves nothing about itself: this endpoint answers only clients that authenticate`
    const about = aboutApplication(domain, snapshot, 'Change how it authenticates')
    throw wrongClient({ key: 'PUBLIC_CLIENT_REFUSED', sentence, source: 'RFC 7662 §2.1', ...about }, description)
  }
  if (!snapshot.enabled) throw wrongClient(disabledApplication(domain, snapshot), description)
  return application
}

function tell(call: Call, { snapshot }: CompiledApplication, how: string, ...evidence: readonly Evidence[]): void {
  call.report.trace?.passed(CLIENT_AUTHENTICATION, `Application ${snapshot.name}, by ${how}`, [
    { label: 'Client id', value: snapshot.clientId },
    ...evidence,
  ])
}
