import { Type } from 'typebox'
import { ApplicationCheck, ApplicationSettings, MAX_OVERLAP_SECONDS } from '../application-settings'
import { Application, ApplicationSecret, ApplicationType, Name } from '../domain'
import { Empty, id, input, ofApplication, type OperationList } from './parts'

/** A client secret in the clear: answered once, when it is made. */
const WithSecret = Type.Object({ application: Application, clientSecret: Type.String() })

/** The same where a secret is made only for applications that use one. */
const WithSecretIfAny = Type.Object({ application: Application, clientSecret: Type.Optional(Type.String()) })

const ofSecret = {
  ...ofApplication,
  secretId: Type.String({ minLength: 1, description: 'Id of the secret; the main one has that of its application' }),
}

/** Applications of a domain and their secrets. */
export const applicationOperations = {
  'applications.create': {
    summary:
      'A new application of a kind, a service unless it is told; its secret, if it uses one, is answered this once',
    input: input({
      domainId: id('domain'),
      name: Name,
      type: Type.Optional(ApplicationType),
      ...ApplicationSettings.properties,
    }),
    output: WithSecretIfAny,
  },
  'applications.update': {
    summary:
      'Change an application. Its secrets go when it authenticates by none any more; one that is made since it does now is answered this once',
    input: input({
      ...ofApplication,
      name: Type.Optional(Name),
      type: Type.Optional(ApplicationType),
      ...ApplicationSettings.properties,
    }),
    output: WithSecretIfAny,
  },
  'applications.check': {
    summary: 'What is wrong with an application as it stands in a form, and what keeps it from working; saves nothing',
    input: input({
      domainId: id('domain'),
      applicationId: Type.Optional(Type.String({ minLength: 1, description: 'Without it: a new one' })),
      name: Type.Optional(Name),
      type: Type.Optional(ApplicationType),
      ...ApplicationSettings.properties,
    }),
    output: ApplicationCheck,
  },
  'applications.readKeys': {
    summary: 'Public keys from a pasted JWK set, JWK or PEM; a private key is refused and not kept',
    input: input({ text: Type.String({ minLength: 1, maxLength: 100_000 }) }),
    output: Type.Required(Type.Pick(Application, ['jwks'])),
  },
  'applications.rotateSecret': {
    summary: 'A new main secret; the one before stays valid for as long as it is told, or ends at once',
    input: input({
      ...ofApplication,
      name: ApplicationSecret.properties.name,
      expiresAt: ApplicationSecret.properties.expiresAt,
      overlapSeconds: Type.Optional(
        Type.Integer({ minimum: 0, maximum: MAX_OVERLAP_SECONDS, description: 'Seconds; 0 unless it is told' }),
      ),
    }),
    output: WithSecret,
  },
  'applications.addSecret': {
    summary: 'One more secret beside the main one, answered this once',
    input: input({
      ...ofApplication,
      name: ApplicationSecret.properties.name,
      expiresAt: ApplicationSecret.properties.expiresAt,
    }),
    output: WithSecret,
  },
  'applications.setSecretExpiry': {
    summary: 'When a secret ends; without a moment it does not',
    input: input({ ...ofSecret, expiresAt: ApplicationSecret.properties.expiresAt }),
    output: Application,
  },
  'applications.makeSecretMain': {
    summary: 'Make one of the further secrets the main one, which the console and API resources use',
    input: input(ofSecret),
    output: Application,
  },
  'applications.removeSecret': {
    summary: 'Remove a further secret; it is refused at once',
    input: input(ofSecret),
    output: Application,
  },
  'applications.delete': {
    summary: 'Delete an application',
    input: input(ofApplication),
    output: Empty,
  },
} as const satisfies OperationList
