import { randomUUID } from 'node:crypto'
import type { Dictionary, DictionaryDetails } from '@shared/dictionary'
import { dictionaryReferences } from '../engine/dictionary-references'
import type { Store } from '../workspace/store'
import { freeName, slugOf } from '../workspace/layout'
import type { Context, HandlersOf } from './context'
import { entryErrors, sealEntries, sealedIds } from './dictionaries/values'
import { dictionaryOf } from './lookup'
import { conflict, inputInvalid, notConfirmed } from './problems'
import { withDictionary, withoutDictionary, withSecrets } from './running/workspace-view'

/** Values that expressions of every API read. What is saved takes effect at once. */
export function dictionaryHandlers(context: Context): HandlersOf<'dictionaries'> {
  const { store, running, exclusive, clock } = context
  const now = () => new Date(clock.now()).toISOString()

  /** Runs and saves it. Secrets come before the document that refers to them, and those that it gave up go after it. */
  async function save(given: Dictionary, before?: Dictionary): Promise<DictionaryDetails> {
    const wrong = entryErrors(given.id, given.properties)
    if (wrong.length > 0) throw inputInvalid(wrong)
    refuseTakenName(store, given)
    const { entries, secrets } = sealEntries(given.id, given.properties)
    const dictionary = { ...given, properties: entries }
    await running.change({
      view: (saved) => withDictionary(withSecrets(saved, secrets), dictionary),
      async save() {
        if (Object.keys(secrets).length > 0) await store.secrets.set(secrets)
        await store.saveDictionary(dictionary)
      },
    })
    const used = new Set(sealedIds(dictionary))
    const unused = before === undefined ? [] : sealedIds(before).filter((id) => !used.has(id))
    if (unused.length > 0) await store.secrets.remove(unused)
    return detailsOf(dictionary, usesIn(store))
  }

  return {
    'dictionaries.list': async () => {
      const uses = usesIn(store)
      return [...store.dictionaries()]
        .sort((a, b) => a.name.localeCompare(b.name))
        .map((dictionary) => detailsOf(dictionary, uses))
    },
    'dictionaries.get': async ({ dictionaryId }) => detailsOf(dictionaryOf(store, dictionaryId), usesIn(store)),

    'dictionaries.create': ({ name, key, description, properties = [] }) =>
      exclusive(async () => {
        if (key !== undefined) refuseTakenKey(store, key)
        const isTaken = (each: string) => store.dictionaries().some((known) => known.key === each)
        const at = now()
        return save({
          id: randomUUID(),
          key: key ?? freeName(slugOf(name, 'dictionary'), isTaken),
          name: name.trim(),
          ...(description?.trim() ? { description: description.trim() } : {}),
          type: 'MANUAL',
          properties,
          createdAt: at,
          updatedAt: at,
        })
      }),

    'dictionaries.update': ({ dictionaryId, name, description, properties }) =>
      exclusive(async () => {
        const before = dictionaryOf(store, dictionaryId)
        const { description: known, ...rest } = before
        const words = (description ?? known ?? '').trim()
        const changed: Dictionary = {
          ...rest,
          name: (name ?? before.name).trim(),
          ...(words === '' ? {} : { description: words }),
          properties: properties ?? before.properties,
          updatedAt: now(),
        }
        return save(changed, before)
      }),

    'dictionaries.delete': ({ dictionaryId, confirmName }) =>
      exclusive(async () => {
        const dictionary = dictionaryOf(store, dictionaryId)
        if (usesIn(store).has(dictionary.key) && confirmName?.trim() !== dictionary.name)
          throw notConfirmed('dictionary', dictionary.name)
        await running.change({
          view: (saved) => withoutDictionary(saved, dictionaryId),
          save: () => store.deleteDictionary(dictionaryId),
        })
        await store.secrets.remove(sealedIds(dictionary))
        return {}
      }),
  }
}

/** By the key of a dictionary, the names of the APIs that name it in their draft or in what runs, by id. */
type Uses = ReadonlyMap<string, ReadonlyMap<string, string>>

function usesIn(store: Store): Uses {
  const uses = new Map<string, Map<string, string>>()
  for (const { definition } of [...store.deployed(), ...store.apis()])
    for (const { dictionary } of dictionaryReferences(definition)) {
      const names = uses.get(dictionary) ?? new Map<string, string>()
      uses.set(dictionary, names.set(definition.id, definition.name))
    }
  return uses
}

function detailsOf(dictionary: Dictionary, uses: Uses): DictionaryDetails {
  const names = [...(uses.get(dictionary.key) ?? [])]
  return { ...dictionary, usedBy: names.map(([apiId, apiName]) => ({ apiId, apiName })) }
}

function refuseTakenKey(store: Store, key: string): void {
  const other = store.dictionaries().find((each) => each.key === key)
  if (other === undefined) return
  const title = `The dictionary ${other.name} has the key ${key} already`
  throw conflict('DICTIONARY_KEY_TAKEN', title, 'Choose another key.', { field: '/key' })
}

function refuseTakenName(store: Store, { id, name }: Dictionary): void {
  const isTaken = store.dictionaries().some((each) => each.id !== id && each.name.toLowerCase() === name.toLowerCase())
  if (!isTaken) return
  throw conflict('DICTIONARY_NAME_TAKEN', `There is a dictionary called ${name} already`, 'Choose another name.', { field: '/name' }) // prettier-ignore
}
