import { authenticationMethods, isPublicClient, usesSecret } from '@shared/application-kinds'
import type { Application, Domain } from '@shared/domain'
import { ProblemError } from '@shared/problem'
import { clientProof, type ClientProof } from '../console/client-proof'
import type { Context } from '../context'
import { clientSecretOf } from '../lookup'
import { publicAuthorization } from '../running/own-authorization'

/** An application as it calls its authorization server. */
export interface Client {
  readonly domain: Domain
  readonly application: Application
  /** Where the endpoints of the domain are reached. */
  readonly address: string
  readonly issuer: string
  /** The secret in the clear; undefined of a public client. */
  readonly secret: string | undefined
  /** Says who it is, for one request. */
  proof(): Promise<ClientProof>
}

/** @throws ProblemError when the application cannot be stood in for, or nothing listens */
export function clientOf(
  { store, engine }: Pick<Context, 'store' | 'engine'>,
  domain: Domain,
  application: Application,
): Client {
  const methods = authenticationMethods(application)
  const { name, clientId } = application
  const secret = usesSecret(application) ? clientSecretOf(store, application) : undefined
  if (!usesSecret(application) && !isPublicClient(application))
    throw new ProblemError({
      key: 'PRIVATE_KEY_ELSEWHERE',
      status: 409,
      title: `${name} proves who it is by a private key, which only ${name} itself has`,
      detail: 'Gatehouse knows the public part alone, so it cannot send a request in the name of the application.',
      remedy: 'Run the program of its Overview tab, or try an application that has a secret or none.',
    })
  if (secret === undefined && !isPublicClient(application))
    throw new ProblemError({
      key: 'SECRET_MISSING',
      status: 409,
      title: `The secret of ${name} is missing`,
      remedy: 'Rotate the secret of the application.',
    })
  const { authorization } = engine.status()
  if (authorization.state !== 'listening')
    throw new ProblemError({
      key: 'AUTHORIZATION_NOT_LISTENING',
      status: 503,
      title: 'The authorization server does not listen, so nobody can log in',
      ...('sentence' in authorization ? { detail: authorization.sentence } : {}),
      remedy: 'Look at its address in Settings.',
    })
  const issuer = `${publicAuthorization(store.document()) ?? authorization.address}/${domain.path}/oidc`
  return {
    domain,
    application,
    address: `${authorization.address}/${domain.path}`,
    issuer,
    secret,
    async proof() {
      const nobody: ClientProof = { headers: [], form: { client_id: clientId } }
      if (secret === undefined) return nobody
      return (await clientProof(methods, { clientId, clientSecret: secret, issuer })) ?? nobody
    },
  }
}
