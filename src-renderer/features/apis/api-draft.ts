import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, shallowRef } from 'vue'
import type { ApiDefinition } from '@shared/api-definition'
import type { ApiState, DraftChange } from '@shared/operations'
import type { FieldError, Problem } from '@shared/problem'
import { carryTexts } from './unsaved-texts'
import { placeOf } from './place-of'
import { call, onEvent, toProblem } from '@/client'
import { fieldError } from '@/composables/useDraft'
import { useWorkspace } from '@/stores/workspace'

/** How long (ms) a save waits for the next letter. */
const TYPING_MS = 400
/** How many edits can be taken back. */
const MOST_UNDONE = 100

/**
 * The draft of the API that is open. Every edit is saved by itself: one save at a time, the latest edit wins, and a save
 * that fails keeps what was typed. A draft that was changed elsewhere meanwhile is read anew, and what was typed here
 * is kept in `outdone` until the person takes it back or lets it go.
 */
export const useApiDraft = defineStore('api-draft', () => {
  const workspace = useWorkspace()

  const saved = shallowRef<ApiState>()
  const definition = shallowRef<ApiDefinition>()
  const changes = shallowRef<DraftChange[]>([])
  /** Why the last save failed; what was typed is still here. */
  const problem = ref<Problem>()
  const deployProblem = ref<Problem>()
  /** What was typed here when somebody else changed the draft. */
  const outdone = shallowRef<ApiDefinition>()
  const changedOutside = ref(false)
  /** Texts that are not right and so are not saved, by the JSON pointer of their field. */
  const unsaved = shallowReactive(new Map<string, string>())
  const dirty = ref(false)
  const saving = ref(false)
  const deploying = ref(false)
  /** What undo and redo lead to, the nearest last. Letters of one text count as one edit. */
  const past = shallowRef<readonly ApiDefinition[]>([])
  const future = shallowRef<readonly ApiDefinition[]>([])
  let isTyping = false
  let timer: number | undefined
  let inFlight: Promise<void> | undefined

  const state = computed(() =>
    problem.value || unsaved.size > 0 ? 'failed' : saving.value || dirty.value ? 'saving' : 'saved',
  )
  const failure = computed(() => problem.value ?? deployProblem.value)
  /** What is wrong with each field, without the place that a message of the engine begins with: it stands there. */
  const errors = computed(() =>
    (failure.value?.errors ?? []).map((error) => (definition.value ? withoutPlace(definition.value, error) : error)),
  )
  /** What the last save or deployment says of a field, by its JSON pointer in the definition, with the remedy. */
  function errorAt(pointer: string): string | undefined {
    const told = failure.value && { ...failure.value, errors: errors.value }
    return told && (fieldError(told, pointer) ?? fieldError(told, `/definition${pointer}`))
  }

  /** Remembers the text of a field that is not right; none when it is. */
  function keepText(pointer: string, text: string | undefined): void {
    if (text === undefined) unsaved.delete(pointer)
    else unsaved.set(pointer, text)
  }

  function take(state: ApiState): void {
    if (JSON.stringify(definition.value) !== JSON.stringify(state.definition)) forget()
    saved.value = state
    definition.value = state.definition
    dirty.value = false
    problem.value = undefined
  }

  /** Opens an API; rejects with ProblemError when it is not there. */
  async function open(apiId: string): Promise<void> {
    if (saved.value?.definition.id !== apiId) {
      await flush()
      saved.value = definition.value = outdone.value = deployProblem.value = undefined
      changes.value = []
      unsaved.clear()
    }
    if (!dirty.value) {
      take(await call('apis.get', { apiId }))
      await loadChanges()
    }
  }

  async function loadChanges(): Promise<void> {
    const state = saved.value
    if (!state) return
    const found = state.inSync ? [] : await call('apis.changes', { apiId: state.definition.id })
    if (saved.value?.definition.id === state.definition.id) changes.value = found
  }

  /** Changes the draft and saves it; `typing` waits for the last letter. */
  function edit(change: (definition: ApiDefinition) => ApiDefinition, typing = false): void {
    if (!definition.value) return
    if (!(typing && isTyping)) past.value = [...past.value.slice(1 - MOST_UNDONE), definition.value]
    future.value = []
    isTyping = typing
    put(change(definition.value), typing)
  }

  function put(now: ApiDefinition, typing = false): void {
    const before = definition.value
    if (!before) return
    definition.value = now
    if (unsaved.size > 0) replaceTexts(carryTexts(unsaved, before, definition.value))
    dirty.value = true
    deployProblem.value = undefined
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void flush(), typing ? TYPING_MS : 0)
  }

  /** Takes the last edit back; nothing where there is none. */
  function undo(): void {
    const to = past.value.at(-1)
    if (!to || !definition.value) return
    past.value = past.value.slice(0, -1)
    future.value = [...future.value, definition.value]
    isTyping = false
    put(to)
  }
  /** Makes the edit again that was taken back last. */
  function redo(): void {
    const to = future.value.at(-1)
    if (!to || !definition.value) return
    future.value = future.value.slice(0, -1)
    past.value = [...past.value, definition.value]
    isTyping = false
    put(to)
  }
  function forget(): void {
    past.value = future.value = []
    isTyping = false
  }
  const mayUndo = computed(() => past.value.length > 0)
  const mayRedo = computed(() => future.value.length > 0)

  function replaceTexts(texts: ReadonlyMap<string, string>): void {
    for (const pointer of [...unsaved.keys()]) if (!texts.has(pointer)) unsaved.delete(pointer)
    for (const [pointer, text] of texts) unsaved.set(pointer, text)
  }

  /** Saves what is not saved yet; answers whether everything is saved then. */
  async function flush(): Promise<boolean> {
    window.clearTimeout(timer)
    while (inFlight || (dirty.value && saved.value)) {
      inFlight ??= saveOnce().finally(() => (inFlight = undefined))
      await inFlight
      if (problem.value) return false
    }
    return !problem.value
  }

  async function saveOnce(): Promise<void> {
    const sent = definition.value
    const before = saved.value
    if (!sent || !before) return
    saving.value = true
    problem.value = undefined
    dirty.value = false
    try {
      const answer = await call('apis.save', { apiId: sent.id, definition: sent, version: before.version })
      saved.value = answer
      isTyping = false
      // Secrets come back as references; what was typed meanwhile stays and is saved next.
      if (definition.value === sent) definition.value = answer.definition
      await loadChanges().catch(() => undefined)
    } catch (error) {
      const failure = toProblem(error)
      if (failure.key === 'API_CHANGED') await takeTheirs(sent.id)
      else {
        dirty.value = true
        problem.value = failure
      }
    } finally {
      saving.value = false
    }
  }

  async function takeTheirs(apiId: string): Promise<void> {
    const mine = definition.value
    try {
      take(await call('apis.get', { apiId }))
      outdone.value = mine
      changedOutside.value = true
      await loadChanges()
    } catch (error) {
      dirty.value = true
      problem.value = toProblem(error)
    }
  }

  /** Puts back what was typed here before somebody else's change was read. */
  function takeMine(): void {
    const mine = outdone.value
    outdone.value = undefined
    changedOutside.value = false
    if (mine) edit(() => mine)
  }
  function letGo(): void {
    outdone.value = undefined
    changedOutside.value = false
  }

  /** Makes the draft run; answers whether it does. A failure stands in `deployProblem` or `problem`. */
  async function deploy(): Promise<boolean> {
    if (deploying.value || !saved.value) return false
    deploying.value = true
    deployProblem.value = undefined
    try {
      if (!(await flush())) return false
      take(await call('apis.deploy', { apiId: saved.value.definition.id }))
      await Promise.all([loadChanges(), workspace.loadApis()])
      return true
    } catch (error) {
      deployProblem.value = toProblem(error)
      return false
    } finally {
      deploying.value = false
    }
  }

  /** Puts the draft back to what runs; answers how to undo that. Rejects with ProblemError. */
  const discard = () => replaceDraft((apiId) => call('apis.discard', { apiId }))
  /** Makes a revision the draft; answers how to undo that. Rejects with ProblemError. */
  const restore = (revision: number) => replaceDraft((apiId) => call('apis.restore', { apiId, revision }))

  async function replaceDraft(replace: (apiId: string) => Promise<ApiState>): Promise<() => void> {
    const before = definition.value
    window.clearTimeout(timer)
    await inFlight
    if (!saved.value || !before) return () => undefined
    take(await replace(saved.value.definition.id))
    deployProblem.value = undefined
    unsaved.clear()
    await loadChanges()
    return () => {
      if (definition.value?.id === before.id) edit(() => before)
    }
  }

  /** Stops or starts what is deployed. Rejects with ProblemError. */
  async function serve(isServed: boolean): Promise<void> {
    const apiId = saved.value?.definition.id
    if (apiId === undefined || !(await flush())) return
    take(await call(isServed ? 'apis.start' : 'apis.stop', { apiId }))
    await Promise.all([loadChanges(), workspace.loadApis()])
  }

  onEvent((event) => {
    const apiId = saved.value?.definition.id
    if (event.type !== 'workspace' || !apiId) return
    const ours = event.changed.some(({ kind, id }) => kind !== 'domain' && kind !== 'console' && (!id || id === apiId))
    if (!ours) return
    // What kept the last save from going through, such as a broken file, may be mended now; what differs there wins.
    if (problem.value && event.source === 'outside') void flush()
    else void followOutside(apiId, event.source === 'outside')
  })

  /** Reads a change that was not made here, unless something is typed: then the next save finds out. */
  async function followOutside(apiId: string, outside: boolean): Promise<void> {
    const idle = () => !dirty.value && !saving.value && saved.value?.definition.id === apiId
    if (!idle()) return
    try {
      const now = await call('apis.get', { apiId })
      if (!idle() || JSON.stringify(now) === JSON.stringify(saved.value)) return
      if (outside && now.version !== saved.value?.version) changedOutside.value = true
      take(now)
      await loadChanges()
    } catch {
      // Deleted: the page says so from the list of APIs.
    }
  }

  return {
    saved,
    definition,
    changes,
    problem,
    deployProblem,
    outdone,
    changedOutside,
    state,
    errors,
    unsaved,
    errorAt,
    keepText,
    deploying,
    open,
    edit,
    undo,
    redo,
    mayUndo,
    mayRedo,
    flush,
    takeMine,
    letGo,
    deploy,
    discard,
    restore,
    serve,
  }
})

/** `Flow All paths, request step 1 (OAuth2): the condition cannot be read` → `The condition cannot be read`. */
function withoutPlace(definition: ApiDefinition, error: FieldError): FieldError {
  const step = /^Flow .*?, (?:request|response) step \d+ \(.*?\): /.exec(error.message)?.[0]
  const label = placeOf(definition, error.field)?.label
  const named = label && error.message.toLowerCase().startsWith(`${label.toLowerCase()}: `) ? `${label}: ` : undefined
  const rest = error.message.slice((step ?? named ?? '').length)
  return { ...error, message: rest.charAt(0).toUpperCase() + rest.slice(1) }
}
