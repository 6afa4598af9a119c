import { randomUUID } from 'node:crypto'
import type { Dictionary, DictionaryDetails, DictionaryPoll } from '@shared/dictionary'
import { dictionaryReferences } from '../engine/dictionary-references'
import type { Store } from '../workspace/store'
import { freeName, slugOf } from '../workspace/layout'
import type { Context, HandlersOf } from './context'
import { providerErrors } from './dictionaries/check-provider'
import { entryErrors, sealEntries, sealedIds, sealProvider } from './dictionaries/values'
import { dictionaryOf } from './lookup'
import { conflict, fieldInvalid, inputInvalid, notConfirmed } from './problems'
import { withDictionary, withoutDictionary, withSecrets } from './running/workspace-view'

/** Values that expressions of every API read. What is saved takes effect at once. */
export function dictionaryHandlers(context: Context): HandlersOf<'dictionaries'> {
  const { store, running, exclusive, clock, polling } = context
  const details = (dictionary: Dictionary, uses = usesIn(store)) =>
    detailsOf(dictionary, uses, polling.lastOf(dictionary.id))
  const now = () => new Date(clock.now()).toISOString()

  /** Runs and saves it. Secrets come before the document that refers to them, and those that it gave up go after it. */
  async function save(given: Dictionary, before?: Dictionary): Promise<DictionaryDetails> {
    const wrong = [
      ...entryErrors(given.id, given.properties),
      ...(given.provider === undefined ? [] : providerErrors(given.id, given.provider)),
    ]
    if (wrong.length > 0) throw inputInvalid(wrong)
    refuseTakenName(store, given)
    const ofEntries = sealEntries(given.id, given.properties)
    const ofProvider = given.provider === undefined ? undefined : sealProvider(given.id, given.provider)
    const secrets = { ...ofEntries.secrets, ...ofProvider?.secrets }
    const dictionary = {
      ...given,
      properties: ofEntries.entries,
      ...(ofProvider === undefined ? {} : { provider: ofProvider.provider }),
    }
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
    return details(dictionary)
  }

  return {
    'dictionaries.list': async () => {
      const uses = usesIn(store)
      return [...store.dictionaries()]
        .sort((a, b) => a.name.localeCompare(b.name))
        .map((dictionary) => details(dictionary, uses))
    },
    'dictionaries.get': async ({ dictionaryId }) => details(dictionaryOf(store, dictionaryId)),

    'dictionaries.create': ({ name, key, description, properties = [], provider, trigger }) =>
      exclusive(async () => {
        refuseHalf(provider, trigger, properties)
        if (key !== undefined) refuseTakenKey(store, key)
        const isTaken = (each: string) => store.dictionaries().some((known) => known.key === each)
        const at = now()
        return save({
          id: randomUUID(),
          key: key ?? freeName(slugOf(name, 'dictionary'), isTaken),
          name: name.trim(),
          ...(description?.trim() ? { description: description.trim() } : {}),
          ...(provider === undefined || trigger === undefined
            ? { type: 'MANUAL' as const, properties }
            : { type: 'DYNAMIC' as const, properties, provider, trigger, state: 'STARTED' as const }),
          createdAt: at,
          updatedAt: at,
        })
      }),

    'dictionaries.update': ({ dictionaryId, name, description, properties, provider, trigger, state }) =>
      exclusive(async () => {
        const before = dictionaryOf(store, dictionaryId)
        const { description: known, ...rest } = before
        if (before.type === 'MANUAL') refuseAll({ provider, trigger, state })
        else if (properties !== undefined) throw entriesAreAsked()
        const words = (description ?? known ?? '').trim()
        const changed: Dictionary = {
          ...rest,
          name: (name ?? before.name).trim(),
          ...(words === '' ? {} : { description: words }),
          properties: properties ?? before.properties,
          ...(provider === undefined ? {} : { provider }),
          ...(trigger === undefined ? {} : { trigger }),
          ...(state === undefined ? {} : { state }),
          updatedAt: now(),
        }
        return save(changed, before)
      }),

    'dictionaries.poll': async ({ dictionaryId }) => {
      if (dictionaryOf(store, dictionaryId).provider === undefined)
        throw fieldInvalid('/dictionaryId', 'This dictionary has no address to ask', 'Change its entries by hand.')
      await polling.poll(dictionaryId)
      return details(dictionaryOf(store, dictionaryId))
    },

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

function detailsOf(dictionary: Dictionary, uses: Uses, lastPoll: DictionaryPoll | undefined): DictionaryDetails {
  const names = [...(uses.get(dictionary.key) ?? [])]
  const usedBy = names.map(([apiId, apiName]) => ({ apiId, apiName }))
  return { ...dictionary, ...(lastPoll === undefined ? {} : { lastPoll }), usedBy }
}

/** Where and when to ask go together, and what is asked for is not written by hand. */
function refuseHalf(provider: unknown, trigger: unknown, properties: readonly unknown[]): void {
  if (provider !== undefined && trigger === undefined)
    throw fieldInvalid('/trigger', 'A provider needs a trigger', 'Say how often its address is asked.')
  if (provider === undefined && trigger !== undefined)
    throw fieldInvalid('/provider', 'A trigger needs a provider', 'Say which address is asked.')
  if (provider !== undefined && properties.length > 0) throw entriesAreAsked()
}

const entriesAreAsked = () =>
  fieldInvalid('/properties', 'The entries of this dictionary come from its address', 'Change them there, or leave them out.') // prettier-ignore

function refuseAll(given: Readonly<Record<string, unknown>>): void {
  const [first] = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (first !== undefined)
    throw fieldInvalid(`/${first}`, 'The entries of this dictionary are kept by hand', 'Make another one that gets them from an address.') // prettier-ignore
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
