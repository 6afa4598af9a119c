import type { Application } from '@shared/domain'
import type { FieldError } from '@shared/problem'

/** Members without which an application is as by default, and safe. */
const optional = ['signingAlgorithm', 'userinfoSignedResponseAlg', 'disableRefreshTokenRotation'] as const
const lists = [
  'grantTypes',
  'redirectUris',
  'postLogoutRedirectUris',
  'allowedOrigins',
  'allowedResources',
  'scopeSettings',
  'tokenCustomClaims',
] as const

/** The application without what is wrong with it: for a file that was written by hand, the rest runs. */
export function withoutFaults(application: Application, errors: readonly FieldError[]): Application {
  const isWrong = (pointer: string) => errors.some(({ field }) => field === pointer || field.startsWith(`${pointer}/`))
  const sound = { ...application }
  for (const member of optional) if (isWrong(`/${member}`)) delete sound[member]
  for (const member of lists)
    if (isWrong(`/${member}`))
      Object.assign(sound, { [member]: sound[member]?.filter((_, index) => !isWrong(`/${member}/${index}`)) })
  if (sound.jwks) sound.jwks = { keys: sound.jwks.keys.filter((_, index) => !isWrong(`/jwks/keys/${index}`)) }
  return sound
}
