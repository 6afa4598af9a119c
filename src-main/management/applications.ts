import { randomBytes, randomUUID } from 'node:crypto'
import { applicationKind, usesSecret } from '@shared/application-kinds'
import type { ApplicationCheck } from '@shared/application-settings'
import {
  DEFAULT_ACCESS_TOKEN_VALIDITY_SECONDS,
  type Application,
  type ApplicationType,
  type Domain,
} from '@shared/domain'
import type { FieldError } from '@shared/problem'
import { FIRST_USER_SCOPES } from '@shared/standard-scopes'
import { checkApplication } from './applications/check-application'
import { secretLengthErrors } from './applications/check-secret-length'
import {
  applicationSecretId,
  newClientSecret,
  sealedReference,
  sealedSecretIds,
  withMainSecret,
  withoutSecrets,
} from './applications/client-secrets'
import { readKeys } from './applications/read-keys'
import { saveApplication, saveApplications } from './applications/save-application'
import { secretHandlers } from './applications/secrets'
import { withChange, withPublicKeys } from './applications/settings'
import type { Context, HandlersOf } from './context'
import { applicationOf, domainOf } from './lookup'
import { conflict, inputInvalid } from './problems'

/** Applications of a domain. What is saved runs at once. */
export function applicationHandlers(context: Context): HandlersOf<'applications'> {
  const { store, exclusive } = context

  /** As `checkApplication`, for an application that has its secrets. */
  function check(domain: Domain, application: Application): ApplicationCheck {
    const { errors, warnings } = checkApplication(domain, application)
    return { errors: [...errors, ...secretLengthErrors(application, store.secrets)], warnings }
  }

  return {
    ...secretHandlers(context),

    'applications.create': ({ domainId, name, type = 'service', ...settings }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        refuseTakenName(domain, name)
        const application = withChange(newApplication(name.trim(), type), settings)
        refuse(checkApplication(domain, application).errors)
        return saveWithSecret(context, domain, withPublicKeys(application))
      }),

    'applications.update': ({ domainId, applicationId, ...change }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        const application = applicationOf(domain, applicationId)
        if (change.name !== undefined) refuseTakenName(domain, change.name, applicationId)
        const changed = { ...withChange(application, change), updatedAt: new Date().toISOString() }
        refuse(newErrors(check(domain, application).errors, check(domain, changed).errors))
        return saveWithSecret(context, domain, withPublicKeys(changed))
      }),

    'applications.check': async ({ domainId, applicationId, ...change }) => {
      const domain = domainOf(store, domainId)
      const application =
        applicationId === undefined
          ? newApplication(change.name ?? '', change.type ?? 'service')
          : applicationOf(domain, applicationId)
      const { errors, warnings } = check(domain, withChange(application, change))
      return { errors: [...takenName(domain, change.name ?? '', applicationId), ...errors], warnings }
    },

    'applications.readKeys': async ({ text }) => ({ jwks: { keys: await readKeys(text) } }),

    'applications.delete': ({ domainId, applicationId }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        const application = applicationOf(domain, applicationId)
        const others = domain.applications.filter(({ id }) => id !== applicationId)
        await saveApplications(context, domain, others, { gone: sealedSecretIds(application) })
        const { clientId } = application
        // Where the engine does not run, it forgets at its next start.
        await context.engine.administer('forgetApplication', { domainId, clientId }).catch(() => undefined)
        return {}
      }),
  }
}

/** An application as its kind starts, with no secret yet. */
function newApplication(name: string, type: ApplicationType): Application {
  const now = new Date().toISOString()
  const { grantTypes, isPublic } = applicationKind(type)
  const hasLogins = grantTypes.includes('authorization_code')
  return {
    id: randomUUID(),
    name,
    type,
    enabled: true,
    clientId: randomBytes(16).toString('base64url'),
    grantTypes: [...grantTypes],
    // RFC 9700 §2.1.1 recommends it for clients with a secret, and OAuth 2.1 demands it; of a public client it is demanded anyway.
    ...(hasLogins && !isPublic ? { forcePKCE: true } : {}),
    scopeSettings: hasLogins ? FIRST_USER_SCOPES.map((scope) => ({ scope, defaultScope: false })) : [],
    accessTokenValiditySeconds: DEFAULT_ACCESS_TOKEN_VALIDITY_SECONDS,
    createdAt: now,
    updatedAt: now,
  }
}

/** Saves an application with the secret that its method needs and it has not yet, or without those that its method does not use any more. */
async function saveWithSecret(
  context: Context,
  domain: Domain,
  application: Application,
): Promise<{ application: Application; clientSecret?: string }> {
  if (!usesSecret(application)) {
    const bare = withoutSecrets(application)
    await saveApplication(context, domain, bare, { gone: sealedSecretIds(application) })
    return { application: bare }
  }
  if (application.clientSecret !== undefined) {
    await saveApplication(context, domain, application)
    return { application }
  }
  const clientSecret = newClientSecret()
  const sealedId = applicationSecretId(application.id)
  const { updatedAt } = application
  const complete = withMainSecret(application, { secret: sealedReference(sealedId), createdAt: updatedAt })
  await saveApplication(context, domain, complete, { sealed: { [sealedId]: clientSecret } })
  return { application: complete, clientSecret }
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw inputInvalid(errors)
}

/** What a change makes wrong: what was wrong before and is left so keeps nobody from changing something else. */
function newErrors(before: readonly FieldError[], after: readonly FieldError[]): FieldError[] {
  const known = new Set(before.map(sameness))
  return after.filter((error) => !known.has(sameness(error)))
}

/** Entries of a list are known by what is wrong with them, for their places change. */
const sameness = ({ field, message }: FieldError) => `${field.split('/')[1]} ${message}`

function takenName(domain: Domain, name: string, except?: string): FieldError[] {
  if (!domain.applications.some((each) => each.name === name.trim() && each.id !== except)) return []
  const message = `The domain ${domain.name} has an application called ${name.trim()} already`
  return [{ field: '/name', message, remedy: 'Choose another name.' }]
}

function refuseTakenName(domain: Domain, name: string, except?: string): void {
  const errors = takenName(domain, name, except)
  const [taken] = errors
  if (taken) throw conflict('APPLICATION_NAME_TAKEN', taken.message, taken.remedy!, { errors })
}
