import { intervalOf, type Dictionary, type DictionaryPoll, type DictionaryProvider } from '@shared/dictionary'
import { ProblemError } from '@shared/problem'
import { isSecretVariable, parseSecretReference } from '@shared/secret-reference'
import type { WorkspaceProblem } from '@shared/workspace'
import { ownServer } from '../../engine/tls/own-servers'
import { callProblem } from '../console/call-problems'
import { httpCall } from '../console/http-call'
import type { Context } from '../context'
import { internal } from '../problems'
import { withDictionary } from '../running/workspace-view'
import { providerErrors } from './check-provider'
import { NoEntries, readEntries } from './read-entries'
import { isOwnSecret } from './values'

/** Milliseconds that an answer may take in all. */
const TIMEOUT_MS = 10_000
/** Bytes of an answer at most, which are those that a call keeps. */
const LARGEST_ANSWER = 1024 * 1024

/** Asks for the entries of dictionaries that have a provider, as often as their triggers say. */
export interface Polling {
  /** From now on; what has started already is asked at once. */
  start(): void
  /** Takes up what was changed. */
  follow(): void
  stop(): void
  /** Asks now. Never rejects: how it went is told. */
  poll(dictionaryId: string): Promise<void>
  lastOf(dictionaryId: string): DictionaryPoll | undefined
  problems(): readonly WorkspaceProblem[]
}

/**
 * @param onTold called after each try of a dictionary, and whether it went otherwise than the one before
 * @param onFault told what failed by a fault of ours
 */
export function createPolling(
  context: () => Context,
  onTold: (dictionaryId: string, isOther: boolean) => void,
  onFault: (what: string, error: unknown) => void,
): Polling {
  const last = new Map<string, DictionaryPoll>()
  const under = new Map<string, { readonly how: string; stop(): void }>()
  const asking = new Map<string, Promise<void>>()
  let isOn = false

  const find = (id: string) =>
    context()
      .store.dictionaries()
      .find((each) => each.id === id)

  async function ask(dictionaryId: string): Promise<void> {
    const dictionary = find(dictionaryId)
    if (dictionary?.provider === undefined) return
    const { provider } = dictionary
    const found = await entriesOf(context(), dictionary.id, provider).catch(told)
    if (context().closing.aborted) return
    const outcome = isAsked(dictionaryId, provider)
      ? Array.isArray(found)
        ? await keep(dictionaryId, provider, found).catch(told)
        : found
      : undefined
    // It was changed meanwhile: the answer was to another question.
    if (outcome === undefined) return ask(dictionaryId)
    const before = last.get(dictionaryId)
    last.set(dictionaryId, { at: context().clock.now(), ...outcome })
    onTold(dictionaryId, before?.ok !== outcome.ok || before.sentence !== outcome.sentence)
  }

  function told(error: unknown): Omit<DictionaryPoll, 'at'> {
    if (error instanceof NoEntries) return { ok: false, sentence: error.message, remedy: error.remedy }
    const problem = error instanceof ProblemError ? error.problem : internal
    if (problem === internal) onFault('The entries of a dictionary could not be asked for', error)
    return { ok: false, sentence: problem.title, ...(problem.remedy === undefined ? {} : { remedy: problem.remedy }) }
  }

  const isAsked = (dictionaryId: string, provider: DictionaryProvider) =>
    JSON.stringify(find(dictionaryId)?.provider) === JSON.stringify(provider)

  /** Undefined when it was changed or deleted meanwhile. */
  async function keep(
    dictionaryId: string,
    provider: DictionaryProvider,
    properties: Dictionary['properties'],
  ): Promise<Omit<DictionaryPoll, 'at'> | undefined> {
    const { store, running, exclusive, clock } = context()
    return exclusive(async () => {
      const now = find(dictionaryId)
      if (now === undefined || !isAsked(dictionaryId, provider)) return undefined
      if (JSON.stringify(now.properties) !== JSON.stringify(properties)) {
        const dictionary = { ...now, properties, updatedAt: new Date(clock.now()).toISOString() }
        await running.change({
          view: (saved) => withDictionary(saved, dictionary),
          save: () => store.saveDictionary(dictionary),
        })
      }
      return { ok: true, sentence: properties.length === 1 ? '1 entry' : `${properties.length} entries` }
    })
  }

  /** One at a time: an answer that is late is not overtaken. */
  function poll(dictionaryId: string): Promise<void> {
    const before = asking.get(dictionaryId)
    if (before !== undefined) return before
    const now = ask(dictionaryId).finally(() => asking.delete(dictionaryId))
    asking.set(dictionaryId, now)
    return now
  }

  function follow(): void {
    if (!isOn) return
    const wanted = new Map(
      context()
        .store.dictionaries()
        .flatMap(({ id, provider, trigger, state }) =>
          provider === undefined || trigger === undefined || state !== 'STARTED'
            ? []
            : [[id, { how: JSON.stringify([provider, trigger]), everyMs: intervalOf(trigger) }] as const],
        ),
    )
    for (const [id, { how, stop }] of under)
      if (wanted.get(id)?.how !== how) {
        stop()
        under.delete(id)
      }
    for (const [id, { how, everyMs }] of wanted) {
      if (under.has(id)) continue
      under.set(id, { how, stop: context().clock.every(everyMs, () => void poll(id)) })
      void poll(id)
    }
    for (const id of last.keys()) if (find(id)?.provider === undefined) last.delete(id)
  }

  return {
    start() {
      isOn = true
      follow()
    },
    follow,
    stop() {
      isOn = false
      for (const { stop } of under.values()) stop()
      under.clear()
    },
    poll,
    lastOf: (dictionaryId) => last.get(dictionaryId),
    problems: () =>
      context()
        .store.dictionaries()
        .flatMap(({ id, key, name }) => {
          const failed = last.get(id)
          if (failed === undefined || failed.ok || !under.has(id)) return []
          return [
            {
              file: `dictionaries/${key}.json`,
              field: '/provider',
              message: `Dictionary ${name}: ${failed.sentence}. The entries of before stay`,
              remedy: failed.remedy ?? 'Look at what its address answers.',
            },
          ]
        }),
  }
}

async function entriesOf(
  { store, engine, version, closing, authorities }: Context,
  dictionaryId: string,
  provider: DictionaryProvider,
): Promise<Dictionary['properties']> {
  // A file may have been written by other hands.
  const [fault] = providerErrors(dictionaryId, provider)
  if (fault !== undefined) throw new NoEntries(fault.message, fault.remedy)
  const { url: text, headers = [] } = provider.configuration
  const url = new URL(text.trim())
  const defaults = [
    { name: 'User-Agent', value: `Gatehouse/${version}` },
    { name: 'Accept', value: 'application/json' },
    { name: 'Accept-Encoding', value: 'identity' },
  ]
  const own = headers.map(({ name, value, encryptable }) => {
    const resolved = encryptable === true ? resolve(value, dictionaryId, store.secrets) : value
    if (resolved === undefined)
      throw new NoEntries(`The secret of the header ${name} is missing`, 'Choose Replace at the header.')
    return { name, value: resolved }
  })
  const missing = defaults.filter(({ name }) => !own.some((each) => each.name.toLowerCase() === name.toLowerCase()))
  const signal = AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_MS)])
  const trusted = ownServer(url, engine.status()) ?? authorities()
  const answer = await httpCall(url, { method: 'GET' }, [...own, ...missing], signal, trusted).catch(
    (error: unknown) => {
      if (signal.aborted && !closing.aborted)
        throw new NoEntries(
          `${url.host} did not answer within ${TIMEOUT_MS / 1000} seconds`,
          'Look whether it is stuck.',
        )
      throw callProblem(error, url)
    },
  )
  if (answer.status !== 200) throw new NoEntries(`${url.host} answered ${answer.status} ${answer.statusText}`.trim())
  if (answer.bodyBytes > LARGEST_ANSWER) throw new NoEntries('The answer is larger than 1 MiB')
  if (answer.bodyEncoding !== 'text') throw new NoEntries('The answer is no text')
  return readEntries(answer.body)
}

/** A file may have been written by other hands. */
function resolve(text: string, dictionaryId: string, secrets: Context['store']['secrets']): string | undefined {
  const reference = parseSecretReference(text)
  if (reference === undefined) return text === '' ? '' : undefined
  const isOurs = reference.provider === 'env' ? isSecretVariable(reference.path) : isOwnSecret(dictionaryId, reference.path) // prettier-ignore
  return isOurs ? secrets.resolve(text) : undefined
}
