import { randomBytes, randomUUID } from 'node:crypto'
import { DEFAULT_ACCESS_TOKEN_VALIDITY_SECONDS, type Application, type Domain } from '@shared/domain'
import { formatSecretReference } from '@shared/secret-reference'
import type { Context, HandlersOf } from './context'
import { saveDomain } from './domains'
import { applicationOf, domainOf } from './lookup'
import { conflict } from './problems'
import { withDomain, withoutSecrets } from './running/workspace-view'
import { refuseUnknownScopes } from './unknown-scopes'

/** Applications of a domain. What is saved runs at once. */
export function applicationHandlers(context: Context): HandlersOf<'applications'> {
  const { store, running, exclusive } = context
  return {
    'applications.create': ({ domainId, name, description, scopeSettings = [] }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        refuseTakenName(domain, name)
        refuseUnknownSettings(domain, scopeSettings)
        const id = randomUUID()
        const clientSecret = newClientSecret()
        const now = new Date().toISOString()
        const application: Application = {
          id,
          name: name.trim(),
          ...(description === undefined ? {} : { description }),
          type: 'service',
          enabled: true,
          clientId: randomBytes(16).toString('base64url'),
          clientSecret: sealedSecret(id),
          grantTypes: ['client_credentials'],
          scopeSettings,
          accessTokenValiditySeconds: DEFAULT_ACCESS_TOKEN_VALIDITY_SECONDS,
          createdAt: now,
          updatedAt: now,
        }
        const changed = { ...domain, applications: [...domain.applications, application] }
        await saveDomain(context, changed, { [applicationSecretId(id)]: clientSecret })
        return { application, clientSecret }
      }),

    'applications.update': ({ domainId, applicationId, ...change }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        const application = applicationOf(domain, applicationId)
        if (change.name !== undefined) refuseTakenName(domain, change.name, applicationId)
        if (change.scopeSettings) refuseUnknownSettings(domain, change.scopeSettings)
        const changed: Application = {
          ...application,
          ...change,
          ...(change.name === undefined ? {} : { name: change.name.trim() }),
          updatedAt: new Date().toISOString(),
        }
        await saveDomain(context, withApplication(domain, changed))
        return changed
      }),

    'applications.rotateSecret': ({ domainId, applicationId }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        const clientSecret = newClientSecret()
        const changed: Application = {
          ...applicationOf(domain, applicationId),
          // A secret that came from the environment is from now on kept here.
          clientSecret: sealedSecret(applicationId),
          updatedAt: new Date().toISOString(),
        }
        const secrets = { [applicationSecretId(applicationId)]: clientSecret }
        await saveDomain(context, withApplication(domain, changed), secrets)
        return { application: changed, clientSecret }
      }),

    'applications.delete': ({ domainId, applicationId }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        applicationOf(domain, applicationId)
        const changed: Domain = {
          ...domain,
          applications: domain.applications.filter(({ id }) => id !== applicationId),
          updatedAt: new Date().toISOString(),
        }
        const secrets = [applicationSecretId(applicationId)]
        // What runs is looked at without the secret, so that an API that needs it is told at once.
        await running.change({
          view: (saved) => withoutSecrets(withDomain(saved, changed), secrets),
          save: () => store.saveDomain(changed),
        })
        await store.secrets.remove(secrets)
        return {}
      }),
  }
}

/** Where the secret of an application is sealed. */
export function applicationSecretId(applicationId: string): string {
  return `application/${applicationId}`
}

function sealedSecret(applicationId: string): string {
  return formatSecretReference({ provider: 'gatehouse', path: applicationSecretId(applicationId) })
}

/** 256 bits (RFC 6749 §10.10 asks for 128 at least), in characters that need no encoding in a form or a header. */
function newClientSecret(): string {
  return randomBytes(32).toString('base64url')
}

function withApplication(domain: Domain, application: Application): Domain {
  return {
    ...domain,
    applications: domain.applications.map((each) => (each.id === application.id ? application : each)),
  }
}

function refuseTakenName(domain: Domain, name: string, except?: string): void {
  if (!domain.applications.some((each) => each.name === name.trim() && each.id !== except)) return
  throw conflict(
    'APPLICATION_NAME_TAKEN',
    `The domain ${domain.name} has an application called ${name.trim()} already`,
    'Choose another name.',
    { field: '/name' },
  )
}

function refuseUnknownSettings(domain: Domain, settings: Application['scopeSettings']): void {
  const scopes = settings.map(({ scope }) => scope)
  refuseUnknownScopes(domain, scopes, (index) => `/scopeSettings/${index}/scope`)
}
