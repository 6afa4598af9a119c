import { randomUUID } from 'node:crypto'
import type { Property } from '@shared/api-definition'
import type { Dictionary, DictionaryProvider } from '@shared/dictionary'
import type { FieldError } from '@shared/problem'
import { formatSecretReference, isSecretVariable, parseSecretReference, SECRET_VARIABLE_PREFIX } from '@shared/secret-reference' // prettier-ignore
import type { TriedDictionaries } from '../../engine/try-expression'
import { shortSecretErrors } from '../definition/short-secrets'

/** Whether a sealed value is the dictionary's own: it may read no other. */
export const isOwnSecret = (dictionaryId: string, path: string): boolean => path.startsWith(`dictionary/${dictionaryId}/`) // prettier-ignore

/** What is wrong with the entries as a person has given them. */
export function entryErrors(dictionaryId: string, entries: readonly Property[]): FieldError[] {
  const seen = new Set<string>()
  return [
    ...entries.flatMap(({ key, value, encryptable, encrypted }, index): FieldError[] => {
      const at = `/properties/${index}`
      const errors: FieldError[] = []
      if (key.trim() === '') errors.push({ field: `${at}/key`, message: 'An entry needs a key', remedy: 'Give it one.' }) // prettier-ignore
      else if (seen.has(key)) errors.push({ field: `${at}/key`, message: `Two entries have the key ${key}`, remedy: 'Give this one another key.' }) // prettier-ignore
      seen.add(key)
      const reference = parseSecretReference(value)
      if (encryptable !== true) {
        if (encrypted === true)
          errors.push({ field: `${at}/encrypted`, message: `The value of ${key} was encrypted by another installation`, remedy: 'Type the value in, and mark it as a secret.' }) // prettier-ignore
      } else if (reference?.provider === 'env' && !isSecretVariable(reference.path))
        errors.push({ field: `${at}/value`, message: `The environment variable ${reference.path} is not for workspaces`, remedy: `Only those are whose names begin with ${SECRET_VARIABLE_PREFIX}: refer to such a one, or type the secret in.` }) // prettier-ignore
      else if (reference?.provider === 'gatehouse' && !isOwnSecret(dictionaryId, reference.path))
        errors.push({ field: `${at}/value`, message: 'This refers to a secret that is not for this dictionary', remedy: 'Type the secret in; it is sealed when you save.' }) // prettier-ignore
      return errors
    }),
    ...shortSecretErrors(entries, '/properties'),
  ]
}

/** The entries with what is typed for secrets sealed, and those secrets by the id to seal them under. */
export function sealEntries(
  dictionaryId: string,
  entries: readonly Property[],
): { readonly entries: Property[]; readonly secrets: Readonly<Record<string, string>> } {
  const secrets: Record<string, string> = {}
  const sealed = entries.map(({ key, value, encryptable }): Property => {
    if (encryptable !== true) return { key, value }
    if (value === '') return { key, value, encryptable }
    if (parseSecretReference(value) !== undefined) return { key, value, encrypted: true, encryptable }
    const path = `dictionary/${dictionaryId}/${randomUUID()}`
    secrets[path] = value
    return { key, value: formatSecretReference({ provider: 'gatehouse', path }), encrypted: true, encryptable }
  })
  return { entries: sealed, secrets }
}

type Headers = NonNullable<DictionaryProvider['configuration']['headers']>

/** The provider with what is typed for secrets in its headers sealed. */
export function sealProvider(
  dictionaryId: string,
  provider: DictionaryProvider,
): { readonly provider: DictionaryProvider; readonly secrets: Readonly<Record<string, string>> } {
  const { headers } = provider.configuration
  if (headers === undefined) return { provider, secrets: {} }
  const { entries, secrets } = sealEntries(dictionaryId, asEntries(headers))
  const sealed = entries.map(({ key, ...rest }) => ({ name: key, ...rest }))
  return { provider: { ...provider, configuration: { ...provider.configuration, headers: sealed } }, secrets }
}

export const asEntries = (headers: Headers): Property[] => headers.map(({ name, ...rest }) => ({ key: name, ...rest }))

/** The ids of the secrets that a dictionary has sealed. */
export function sealedIds({ id, properties, provider }: Dictionary): string[] {
  return [...properties, ...(provider?.configuration.headers ?? [])].flatMap(({ value }) => {
    const reference = parseSecretReference(value)
    return reference?.provider === 'gatehouse' && isOwnSecret(id, reference.path) ? [reference.path] : []
  })
}

/** As expressions are tried on them: no secret is told. */
export function triedDictionaries(dictionaries: readonly Dictionary[]): TriedDictionaries {
  const shown = ({ key, value, encryptable }: Property) => [key, encryptable === true ? '••••' : value] as const
  return new Map(dictionaries.map(({ key, properties }) => [key, Object.fromEntries(properties.map(shown))]))
}
