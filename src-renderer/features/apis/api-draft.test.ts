import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ECHO_TARGET, type ApiDefinition } from '@shared/api-definition'
import type { OperationAnswer } from '@shared/bridge'
import type { GatehouseEvent } from '@shared/events'
import type { ApiState } from '@shared/operations'
import type { Problem } from '@shared/problem'
import { useApiDraft } from './api-draft'

const definition = {
  id: 'echo',
  name: 'Echo',
  listeners: [{ type: 'http', paths: [{ path: '/echo' }] }],
  endpointGroups: [{ endpoints: [{ configuration: { target: ECHO_TARGET } }] }],
  flows: [
    { name: 'A', enabled: true, selectors: [], request: [], response: [] },
    { name: 'B', enabled: true, selectors: [], request: [], response: [] },
  ],
  resources: [],
} as unknown as ApiDefinition // what the store passes on unread is left out

/** The main process's side of a draft: versions count up, a save of an older one is refused. */
function mainProcess() {
  let state: ApiState = { definition, file: 'apis/echo/api.json', version: '1', inSync: false, changeCount: 1 }
  const saves: { name: string; version: string }[] = []
  let failure: Problem | undefined
  let gate: Promise<void> | undefined

  const take = (next: ApiDefinition) => (state = { ...state, definition: next, version: `${+state.version + 1}` })
  const changed: Problem = { key: 'API_CHANGED', status: 409, title: 'The API was changed meanwhile' }

  async function operation(name: string, input: unknown): Promise<OperationAnswer> {
    if (name === 'apis.changes') return { ok: true, value: [] }
    if (name === 'apis.discard') return { ok: true, value: take(definition) }
    if (name === 'apis.save') {
      const { definition: sent, version } = input as { definition: ApiDefinition; version: string }
      saves.push({ name: sent.name, version })
      await gate
      if (failure) return { ok: false, problem: failure }
      if (version !== state.version) return { ok: false, problem: changed }
      take(sent)
    }
    return { ok: true, value: state }
  }
  return {
    operation,
    saves,
    state: () => state,
    changeElsewhere: (name: string) => take({ ...state.definition, name }),
    failWith: (problem: Problem | undefined) => (failure = problem),
    /** Holds saves back; answers how to let them go. */
    hold(): () => void {
      let letGo = () => undefined as void
      const held = new Promise<void>((resolve) => (letGo = resolve))
      gate = held.then(() => (gate = undefined))
      return letGo
    },
  }
}

let main: ReturnType<typeof mainProcess>
/** What listens for the main process's events. */
let listeners: ((event: GatehouseEvent) => void)[]
const editedOutside = () => {
  const event: GatehouseEvent = { type: 'workspace', changed: [{ kind: 'api', id: 'echo' }], source: 'outside' }
  for (const listener of listeners) listener(event)
}
const rename = (name: string) => (api: ApiDefinition) => ({ ...api, name })

beforeEach(() => {
  setActivePinia(createPinia())
  main = mainProcess()
  listeners = []
  const onEvent = (listener: (event: GatehouseEvent) => void) => {
    listeners.push(listener)
    return () => undefined
  }
  const gatehouse = { operation: main.operation, onEvent }
  vi.stubGlobal('window', { gatehouse, setTimeout, clearTimeout })
})
afterEach(() => vi.unstubAllGlobals())

async function openDraft() {
  const draft = useApiDraft()
  await draft.open('echo')
  return draft
}

it('saves an edit by itself', async () => {
  const draft = await openDraft()
  draft.edit(rename('Shop'))
  expect(draft.state).toBe('saving')
  await vi.waitFor(() => expect(draft.state).toBe('saved'))
  expect(main.state().definition.name).toBe('Shop')
})

it('saves what was edited during a save afterwards, over the version that came of it', async () => {
  const draft = await openDraft()
  const letGo = main.hold()
  draft.edit(rename('First'))
  const saved = draft.flush()
  await vi.waitFor(() => expect(main.saves).toHaveLength(1))
  draft.edit(rename('Second'))
  letGo()
  expect(await draft.flush()).toBe(true)
  expect(await saved).toBe(true)
  expect(main.saves).toEqual([
    { name: 'First', version: '1' },
    { name: 'Second', version: '2' },
  ])
  expect(draft.definition?.name).toBe('Second')
})

it('keeps an edit whose save failed, tells its field, and saves it with the next edit', async () => {
  const draft = await openDraft()
  const errors = [{ field: '/definition/name', message: 'Another API has it.', remedy: 'Choose another.' }]
  main.failWith({ key: 'API_NAME_TAKEN', status: 409, title: 'Taken', errors })
  draft.edit(rename('Shop'))
  expect(await draft.flush()).toBe(false)
  expect(draft.state).toBe('failed')
  expect(draft.definition?.name).toBe('Shop')
  expect(draft.errorAt('/name')).toBe('Another API has it. Choose another.')

  main.failWith(undefined)
  draft.edit((api) => ({ ...api, description: 'More' }))
  expect(await draft.flush()).toBe(true)
  expect(main.state().definition).toMatchObject({ name: 'Shop', description: 'More' })
  expect(draft.errorAt('/name')).toBeUndefined()
})

it('shows what somebody else saved, says so, and puts the own edit back when asked', async () => {
  const draft = await openDraft()
  main.changeElsewhere('Theirs')
  draft.edit(rename('Mine'))
  await draft.flush()
  expect(draft.definition?.name).toBe('Theirs')
  expect(draft.changedOutside).toBe(true)
  expect(draft.outdone?.name).toBe('Mine')

  draft.takeMine()
  expect(await draft.flush()).toBe(true)
  expect(main.state().definition.name).toBe('Mine')
  expect(draft.changedOutside).toBe(false)
})

it('discards to what runs, and undoes that', async () => {
  const draft = await openDraft()
  draft.edit(rename('Shop'))
  await draft.flush()
  const undo = await draft.discard()
  expect(draft.definition?.name).toBe('Echo')
  undo()
  expect(await draft.flush()).toBe(true)
  expect(main.state().definition.name).toBe('Shop')
})

it('keeps a text that is not right with its flow, wherever that moves', async () => {
  const draft = await openDraft()
  draft.keepText('/flows/1/name', 'x')
  draft.keepText('/name', '')
  expect(draft.state).toBe('failed')
  draft.edit((api) => ({ ...api, flows: api.flows.toReversed() }))
  expect([...draft.unsaved]).toEqual([
    ['/name', ''],
    ['/flows/0/name', 'x'],
  ])
  draft.edit((api) => ({ ...api, flows: api.flows.slice(1) }))
  expect([...draft.unsaved.keys()]).toEqual(['/name'])
  draft.keepText('/name', undefined)
  expect(await draft.flush()).toBe(true)
  expect(draft.state).toBe('saved')
})

const fileBroken: Problem = { key: 'FILE_BROKEN', status: 409, title: 'apis/echo.json is not overwritten' }

it('shows what stands in a file that was broken and is mended, and offers the edit that it held back', async () => {
  const draft = await openDraft()
  main.failWith(fileBroken)
  draft.edit(rename('Mine'))
  expect(await draft.flush()).toBe(false)

  editedOutside()
  await vi.waitFor(() => expect(main.saves).toHaveLength(2))
  await vi.waitFor(() => expect(draft.problem?.key).toBe('FILE_BROKEN'))

  main.failWith(undefined)
  main.changeElsewhere('Mended')
  editedOutside()
  await vi.waitFor(() => expect(draft.state).toBe('saved'))
  expect(draft.definition?.name).toBe('Mended')
  expect(draft.changedOutside).toBe(true)
  expect(draft.outdone?.name).toBe('Mine')
})

it('saves the edit that a broken file held back once the file stands as it did', async () => {
  const draft = await openDraft()
  main.failWith(fileBroken)
  draft.edit(rename('Mine'))
  await draft.flush()
  main.failWith(undefined)
  editedOutside()
  await vi.waitFor(() => expect(draft.state).toBe('saved'))
  expect(main.state().definition.name).toBe('Mine')
  expect(draft.changedOutside).toBe(false)
})

it('tells an error of a step at its field without the place that the engine names', async () => {
  const draft = await openDraft()
  const message = 'Flow A, request step 1 (OAuth2): the condition cannot be read.'
  const errors = [{ field: '/flows/0/request/0/condition', message, remedy: 'Correct the expression.' }]
  main.failWith({ key: 'DEFINITION_INVALID', status: 422, title: 'Not deployed', errors })
  draft.edit(rename('Shop'))
  await draft.flush()
  expect(draft.errorAt('/flows/0/request/0/condition')).toBe('The condition cannot be read. Correct the expression.')
})

it('takes edits back and makes them again; letters of one text count as one edit', async () => {
  const draft = await openDraft()
  draft.edit(rename('Shop'))
  for (const name of ['S', 'St', 'Store']) draft.edit(rename(name), true)
  draft.undo()
  expect(draft.definition?.name).toBe('Shop')
  draft.undo()
  expect([draft.definition?.name, draft.mayUndo]).toEqual(['Echo', false])
  draft.redo()
  draft.redo()
  expect([draft.definition?.name, draft.mayRedo]).toEqual(['Store', false])
  await vi.waitFor(() => expect(main.state().definition.name).toBe('Store'))
  draft.undo()
  draft.edit(rename('Stall'))
  expect(draft.mayRedo).toBe(false)
})

it('takes nothing back over what somebody else did', async () => {
  const draft = await openDraft()
  draft.edit(rename('Shop'))
  await vi.waitFor(() => expect(draft.state).toBe('saved'))
  main.changeElsewhere('Theirs')
  editedOutside()
  await vi.waitFor(() => expect(draft.definition?.name).toBe('Theirs'))
  draft.undo()
  expect([draft.definition?.name, draft.mayUndo]).toEqual(['Theirs', false])
})
