import type { ApiDefinition } from '@shared/api-definition'
import type { Dictionary } from '@shared/dictionary'
import type { FieldError } from '@shared/problem'
import { isSecretVariable, parseSecretReference, SECRET_VARIABLE_PREFIX } from '@shared/secret-reference'
import type { WorkspaceProblem } from '@shared/workspace'
import { dictionaryReferences } from '../../engine/dictionary-references'
import type { DictionarySnapshot } from '../../engine/snapshot'
import { shortSecret } from '../definition/short-secrets'
import { isOwnSecret } from '../dictionaries/values'
import { lowerFirst } from '../lower-first'
import type { WorkspaceView } from './workspace-view'

type Fault = Omit<FieldError, 'field'>

/** What expressions read. A secret that cannot be had is left out and told. */
export function buildDictionaries(view: WorkspaceView, problems: WorkspaceProblem[]): DictionarySnapshot[] {
  return view.dictionaries.map((dictionary) => {
    const values: [string, string][] = []
    const secretValues: string[] = []
    for (const [index, { key, value, encrypted, encryptable }] of dictionary.properties.entries()) {
      const isSecret = encryptable === true || encrypted === true
      const resolved = isSecret && value !== '' ? secretBehind(value, dictionary, view) : value
      if (typeof resolved === 'string') {
        values.push([key, resolved])
        if (isSecret && resolved !== '') secretValues.push(resolved)
      } else {
        const { message, remedy = 'Open the dictionary and choose Replace at the secret.' } = resolved
        problems.push({
          file: `dictionaries/${dictionary.key}.json`,
          field: `/properties/${index}/value`,
          message: `Dictionary ${dictionary.name}, key ${key}: ${message}`,
          remedy,
        })
      }
    }
    return { key: dictionary.key, values: Object.fromEntries(values), secretValues }
  })
}

function secretBehind(text: string, dictionary: Dictionary, view: WorkspaceView): string | Fault {
  const reference = parseSecretReference(text)
  if (reference === undefined)
    return { message: 'what stands for its secret is no reference, and is not taken: no secret stands in a document' }
  if (reference.provider === 'env' && !isSecretVariable(reference.path))
    return {
      message: `the environment variable ${reference.path} is not for workspaces`,
      remedy: `Only those are whose names begin with ${SECRET_VARIABLE_PREFIX}: refer to such a one, or type the secret in.`,
    }
  if (reference.provider === 'gatehouse' && !isOwnSecret(dictionary.id, reference.path))
    return { message: 'this refers to a secret that is not for this dictionary' }
  const secret = view.resolve(text)
  if (secret !== undefined) {
    const short = shortSecret(secret)
    return short === undefined ? secret : { ...short, message: lowerFirst(short.message) }
  }
  return reference.provider === 'env'
    ? {
        message: `the environment variable ${reference.path} is not set`,
        remedy: `Start Gatehouse with ${reference.path} set, or type the secret in.`,
      }
    : { message: 'the secret that this refers to is gone' }
}

/** The dictionaries that an API names and that are not here. */
export function missingDictionaries(definition: ApiDefinition, dictionaries: readonly Dictionary[]): FieldError[] {
  return dictionaryReferences(definition).flatMap(({ dictionary, pointer }) =>
    dictionaries.some(({ key }) => key === dictionary)
      ? []
      : [
          {
            field: pointer,
            message: `The expression reads the dictionary ${dictionary}, which is not in this workspace`,
            remedy: `Make a dictionary with the key ${dictionary}, or correct the expression.`,
          },
        ],
  )
}
