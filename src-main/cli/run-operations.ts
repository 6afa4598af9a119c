import type { OperationAnswer } from '@shared/bridge'
import { ProblemError } from '@shared/problem'
import { EngineRefusal, type Engine } from '../engine/messages'
import { reachControl } from '../management/control'
import { createManagement } from '../management/management'
import { openWorkspace } from '../workspace'
import { DRAIN_MS, readingThreadUrl, startEngineOf } from './start-engine'
import { sentence } from './fail'
import { version } from './version'

/** Runs an operation, here or in the process that has the workspace open. */
export type Run = (name: string, input: unknown) => Promise<OperationAnswer>

/**
 * Works on a workspace by its operations: in the process that has it open where there is one, so that it takes up at once what
 * changes; else here, with an engine that checks what is to run and does not run it.
 */
export async function runOperations(folder: string, work: (run: Run) => Promise<void>): Promise<void> {
  let store
  try {
    store = await openWorkspace(folder)
  } catch (error) {
    const run =
      error instanceof ProblemError && error.problem.key === 'WORKSPACE_LOCKED' ? await reachControl(folder) : undefined
    if (!run) throw error
    return work(run)
  }
  const closing = [() => store.close()]
  try {
    const engine = startEngineOf(store)
    closing.push(() => engine.stop(DRAIN_MS))
    const management = createManagement({
      store,
      engine: checking(engine),
      version,
      readingThreadUrl: readingThreadUrl(),
    })
    closing.push(() => management.close())
    await work((name, input) => management.run(name, input))
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/** What an operation answers; rejects with its ProblemError. */
export async function value(run: Run, name: string, input: unknown): Promise<unknown> {
  const answer = await run(name, input)
  if (!answer.ok) throw new ProblemError(answer.problem)
  return answer.value
}

/** Why an operation was refused, as a part of a line. */
export function refusal({ problem }: Extract<OperationAnswer, { ok: false }>): string {
  const told = problem.errors?.length ? problem.errors : [{ message: problem.title, remedy: problem.remedy }]
  return told
    .flatMap(({ message, remedy }) => (remedy ? [message, remedy] : [message]))
    .map(sentence)
    .join(' ')
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
