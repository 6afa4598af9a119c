import type { OperationAnswer } from '@shared/bridge'
import type { ApiState } from '@shared/operations'
import { ProblemError } from '@shared/problem'
import { EngineRefusal, type Engine } from '../engine/messages'
import { pathsOf } from '../management/definition/context-path'
import { reachControl } from '../management/control'
import { createManagement } from '../management/management'
import { openWorkspace } from '../workspace'
import { parseCommand } from './arguments'
import { CommandError } from './fail'
import { DRAIN_MS, startEngineOf } from './start-engine'
import { version } from './version'

type Run = (name: string, input: unknown) => Promise<OperationAnswer>

/**
 * `gatehouse deploy DIR [API…]`: freezes drafts as revisions, of the APIs named by name, path or id, else of all that changed. Done
 * by the process that has the workspace open where there is one, so that it takes them up at once.
 */
export async function deploy(args: readonly string[]): Promise<void> {
  const { folder, rest } = parseCommand('deploy', args, {}, Number.POSITIVE_INFINITY)
  let store
  try {
    store = await openWorkspace(folder)
  } catch (error) {
    const run =
      error instanceof ProblemError && error.problem.key === 'WORKSPACE_LOCKED' ? await reachControl(folder) : undefined
    if (!run) throw error
    return deployAll(run, rest)
  }
  const closing = [() => store.close()]
  try {
    const engine = startEngineOf(store)
    closing.push(() => engine.stop(DRAIN_MS))
    const management = createManagement({ store, engine: checking(engine), version })
    closing.push(() => management.close())
    await deployAll((name, input) => management.run(name, input), rest)
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/** The engine that checks what it is to run and does not run it: nothing listens. */
function checking(engine: Engine): Engine {
  return {
    ...engine,
    async apply({ apis }) {
      const problems = await engine.check(apis)
      if (problems.length > 0) throw new EngineRefusal('An API does not compile', problems)
    },
  }
}

async function deployAll(run: Run, wanted: readonly string[]): Promise<void> {
  const apis = (await value(run, 'apis.list', {})) as ApiState[]
  const chosen = wanted.length === 0 ? apis : wanted.map((name) => find(apis, name))
  if (chosen.length === 0) console.log('There is no API to deploy.')
  const failures: string[] = []
  for (const { definition, deployedRevision: before } of chosen) {
    const answer = await run('apis.deploy', { apiId: definition.id })
    if (!answer.ok) {
      failures.push(`${definition.name}: ${refusal(answer)}`)
      continue
    }
    const { deployedRevision: now } = answer.value as ApiState
    console.log(`${definition.name} ${now === before ? 'is deployed already' : 'deployed'}, revision ${now}`)
  }
  if (failures.length > 0) throw new CommandError(`Not deployed: ${failures.join('; ')}`)
}

function refusal({ problem }: Extract<OperationAnswer, { ok: false }>): string {
  const errors = problem.errors?.map(({ message, remedy }) => [message, remedy].filter(Boolean).join('. '))
  return errors && errors.length > 0 ? errors.join(', ') : [problem.title, problem.remedy].filter(Boolean).join('. ')
}

function find(apis: readonly ApiState[], wanted: string): ApiState {
  const found = apis.find(
    ({ definition }) =>
      definition.id === wanted ||
      definition.name.toLowerCase() === wanted.toLowerCase() ||
      pathsOf(definition).includes(wanted),
  )
  if (found) return found
  const names = apis.map(({ definition }) => definition.name).join(', ')
  throw new CommandError(`There is no API ${wanted}. There ${names === '' ? 'is none' : `are: ${names}`}.`)
}

async function value(run: Run, name: string, input: unknown): Promise<unknown> {
  const answer = await run(name, input)
  if (!answer.ok) throw new ProblemError(answer.problem)
  return answer.value
}
