import { randomUUID } from 'node:crypto'
import { usesSecret } from '@shared/application-kinds'
import { MAX_FURTHER_SECRETS } from '@shared/application-settings'
import type { Application, ApplicationSecret, Domain } from '@shared/domain'
import type { OperationInput } from '@shared/operations'
import type { Context, HandlersOf } from '../context'
import { applicationOf, clientSecretOf, domainOf } from '../lookup'
import { conflict, fieldInvalid, notFound } from '../problems'
import {
  applicationSecretId,
  furtherSecretId,
  newClientSecret,
  ownSealedId,
  sealedReference,
  withMainSecret,
} from './client-secrets'
import { resolveClientSecret } from './resolve-client-secret'
import { saveApplication } from './save-application'

type SecretOperation =
  | 'applications.rotateSecret'
  | 'applications.addSecret'
  | 'applications.setSecretExpiry'
  | 'applications.makeSecretMain'
  | 'applications.removeSecret'

/**
 * Secrets of an application. The main one stays sealed in one place, to which APIs refer; whatever was the main one before moves to a
 * place of its own. Where that takes two steps, both secrets work between them, so that a kill there leaves no gap.
 */
export function secretHandlers(context: Context): Pick<HandlersOf<'applications'>, SecretOperation> {
  const { store, exclusive } = context
  const subject = ({ domainId, applicationId }: { domainId: string; applicationId: string }) => {
    const domain = domainOf(store, domainId)
    return { domain, application: applicationOf(domain, applicationId) }
  }

  return {
    'applications.rotateSecret': ({ name, expiresAt, overlapSeconds = 0, ...ids }) =>
      exclusive(async () => {
        const { domain, application } = subject(ids)
        refuseWithoutSecret(application)
        refusePast(expiresAt)
        const kept = keptSecret(application, overlapSeconds)
        const before = kept === undefined ? application : await keepBeside(context, domain, application, kept)
        const clientSecret = newClientSecret()
        const changed = touched(
          withMainSecret(before, {
            // A secret that came from the environment is from now on kept here.
            secret: sealedReference(applicationSecretId(application.id)),
            name: named(name),
            createdAt: new Date().toISOString(),
            expiresAt,
          }),
        )
        await saveApplication(context, domainOf(store, domain.id), changed, {
          sealed: { [applicationSecretId(application.id)]: clientSecret },
        })
        return { application: changed, clientSecret }
      }),

    'applications.addSecret': ({ name, expiresAt, ...ids }) =>
      exclusive(async () => {
        const { domain, application } = subject(ids)
        refuseWithoutSecret(application)
        refusePast(expiresAt)
        refuseTooMany(application)
        const clientSecret = newClientSecret()
        const id = randomUUID()
        const sealedId = furtherSecretId(application.id, id)
        const called = named(name)
        const added: ApplicationSecret = {
          id,
          ...(called === undefined ? {} : { name: called }),
          secret: sealedReference(sealedId),
          createdAt: new Date().toISOString(),
          ...(expiresAt === undefined ? {} : { expiresAt }),
        }
        const changed = touched({ ...application, furtherSecrets: [added, ...(application.furtherSecrets ?? [])] })
        await saveApplication(context, domain, changed, { sealed: { [sealedId]: clientSecret } })
        return { application: changed, clientSecret }
      }),

    'applications.setSecretExpiry': ({ secretId, expiresAt, ...ids }) =>
      exclusive(async () => {
        const { domain, application } = subject(ids)
        refusePast(expiresAt)
        const changed = touched(withExpiry(application, secretId, expiresAt))
        await saveApplication(context, domain, changed)
        return changed
      }),

    'applications.makeSecretMain': ({ secretId, ...ids }) =>
      exclusive(async () => {
        const { domain, application } = subject(ids)
        const chosen = furtherSecretOf(application, secretId)
        const value = resolveClientSecret(chosen.secret, store.secrets)
        if (value === undefined)
          throw conflict(
            'SECRET_MISSING',
            'The value of this secret is missing, so that it cannot become the main one',
            'Add a new secret and make that one the main one.',
          )
        const kept = keptSecret(application)
        const before = kept === undefined ? application : await keepBeside(context, domain, application, kept)
        const sealedId = ownSealedId(application.id, chosen.secret)
        const { name, createdAt, expiresAt } = chosen
        const changed = touched(
          withoutFurther(
            withMainSecret(before, {
              secret: sealedId === undefined ? chosen.secret : sealedReference(applicationSecretId(application.id)),
              name,
              createdAt,
              expiresAt,
            }),
            secretId,
          ),
        )
        await saveApplication(context, domainOf(store, domain.id), changed, {
          ...(sealedId === undefined
            ? {}
            : { sealed: { [applicationSecretId(application.id)]: value }, gone: [sealedId] }),
        })
        return changed
      }),

    'applications.removeSecret': ({ secretId, ...ids }) =>
      exclusive(async () => {
        const { domain, application } = subject(ids)
        if (secretId === application.id)
          throw conflict(
            'SECRET_MAIN',
            'The main secret cannot be removed',
            'Make another secret the main one first, or rotate it.',
          )
        const { secret } = furtherSecretOf(application, secretId)
        const sealedId = ownSealedId(application.id, secret)
        const changed = touched(withoutFurther(application, secretId))
        await saveApplication(context, domain, changed, { gone: sealedId === undefined ? [] : [sealedId] })
        return changed
      }),
  }

  /** The main secret as one beside; undefined when it is missing, or would not be valid any more. `overlapSeconds` undefined: as long as now. */
  function keptSecret(application: Application, overlapSeconds?: number): KeptSecret | undefined {
    const { clientSecret: reference, clientSecretName: name, clientSecretExpiresAt } = application
    const value = clientSecretOf(store, application)
    if (reference === undefined || value === undefined || overlapSeconds === 0) return undefined
    const now = Date.now()
    const ends = Math.min(
      clientSecretExpiresAt === undefined ? Infinity : Date.parse(clientSecretExpiresAt),
      overlapSeconds === undefined ? Infinity : now + overlapSeconds * 1000,
    )
    if (ends <= now) return undefined
    const id = randomUUID()
    const isSealed = reference === sealedReference(applicationSecretId(application.id))
    const sealedId = furtherSecretId(application.id, id)
    return {
      further: {
        id,
        ...(name === undefined ? {} : { name }),
        secret: isSealed ? sealedReference(sealedId) : reference,
        createdAt: application.clientSecretCreatedAt ?? application.createdAt,
        ...(ends === Infinity ? {} : { expiresAt: new Date(ends).toISOString() }),
      },
      sealed: isSealed ? { [sealedId]: value } : {},
    }
  }
}

interface KeptSecret {
  readonly further: ApplicationSecret
  readonly sealed: Readonly<Record<string, string>>
}

/** Keeps the main secret beside as well, so that it still works when another one takes its place. */
async function keepBeside(
  context: Context,
  domain: Domain,
  application: Application,
  { further, sealed }: KeptSecret,
): Promise<Application> {
  refuseTooMany(application)
  const changed = { ...application, furtherSecrets: [further, ...(application.furtherSecrets ?? [])] }
  await saveApplication(context, domain, changed, { sealed })
  return changed
}

function furtherSecretOf({ furtherSecrets = [] }: Application, secretId: string): ApplicationSecret {
  const found = furtherSecrets.find(({ id }) => id === secretId)
  if (!found) throw notFound('secret', secretId)
  return found
}

function withoutFurther(application: Application, secretId: string): Application {
  const { furtherSecrets = [], ...rest } = application
  const left = furtherSecrets.filter(({ id }) => id !== secretId)
  return left.length === 0 ? rest : { ...rest, furtherSecrets: left }
}

function withExpiry(application: Application, secretId: string, expiresAt: string | undefined): Application {
  const ends = expiresAt === undefined ? {} : { expiresAt }
  if (secretId === application.id) {
    refuseWithoutSecret(application)
    const { clientSecretExpiresAt: _before, ...rest } = application
    return { ...rest, ...(expiresAt === undefined ? {} : { clientSecretExpiresAt: expiresAt }) }
  }
  furtherSecretOf(application, secretId)
  return {
    ...application,
    furtherSecrets: (application.furtherSecrets ?? []).map((each) => {
      const { expiresAt: _before, ...rest } = each
      return each.id === secretId ? { ...rest, ...ends } : each
    }),
  }
}

function refuseWithoutSecret(application: Application): void {
  if (usesSecret(application)) return
  throw conflict(
    'APPLICATION_WITHOUT_SECRET',
    `${application.name} does not authenticate by a secret`,
    'Choose a method that uses one first; its secret is made then.',
  )
}

function refusePast(expiresAt: OperationInput<'applications.addSecret'>['expiresAt']): void {
  if (expiresAt === undefined || Date.parse(expiresAt) > Date.now()) return
  throw fieldInvalid('/expiresAt', 'The secret would be over already', 'Choose a moment that is still to come.')
}

function refuseTooMany({ name, furtherSecrets = [] }: Application): void {
  if (furtherSecrets.length < MAX_FURTHER_SECRETS) return
  throw conflict(
    'SECRETS_TOO_MANY',
    `${name} has ${furtherSecrets.length} secrets beside its main one, and more are not kept`,
    'Remove one that nobody uses any more.',
  )
}

const touched = (application: Application): Application => ({ ...application, updatedAt: new Date().toISOString() })

const named = (name: string | undefined) => name?.trim() || undefined
