import { ProblemError, type Problem } from '@shared/problem'
import type { Domain } from '@shared/domain'
import type { WorkspaceProblem } from '@shared/workspace'
import type { Context } from '../context'
import { saveKeys } from '../keys'
import { internal } from '../problems'
import { dueKeys, rotateDueKeys } from './rotate-key'

/** Rotates the keys of the domains that have a schedule. */
export interface KeySchedule {
  /** Rotates what is due, and from now on looks every minute. Resolves when what is due already is done; never rejects. */
  start(): Promise<void>
  stop(): void
  /** Keys that are due and could not be rotated. */
  problems(): readonly WorkspaceProblem[]
}

/** How late a rotation may be, at most, while the workspace is open. */
const INTERVAL_MS = 60_000

/**
 * It asks the time rather than to wait for it: a computer that slept, or an app that was closed, over the due time catches up.
 *
 * @param onProblems called when `problems` answers something else than before
 */
export function createKeySchedule(
  context: () => Context,
  onProblems: () => void,
  onFault: (what: string, error: unknown) => void,
): KeySchedule {
  /** By id of the domain. */
  let failed: ReadonlyMap<string, WorkspaceProblem> = new Map()
  let stop = () => undefined as void

  async function check(): Promise<void> {
    const { store, closing } = context()
    const before = failed
    const now: [string, WorkspaceProblem][] = []
    for (const { id } of store.domains()) {
      if (closing.aborted) return
      const problem = await rotate(id, before.has(id))
      if (problem) now.push([id, problem])
    }
    failed = new Map(now)
    const told = (problems: typeof failed) => JSON.stringify([...problems])
    if (told(before) !== told(failed)) onProblems()
  }

  async function rotate(domainId: string, failedBefore: boolean): Promise<WorkspaceProblem | undefined> {
    const { store, clock, exclusive } = context()
    const domainNow = () => store.domains().find(({ id }) => id === domainId)
    try {
      await exclusive(async () => {
        const domain = domainNow()
        const changed = domain && (await rotateDueKeys(domain, clock))
        if (changed) await saveKeys(context(), changed)
      })
      return undefined
    } catch (error) {
      const expected = error instanceof ProblemError
      if (!expected && !failedBefore) onFault('A key could not be rotated', error)
      const domain = domainNow()
      return domain && overdue(domain, clock.now(), expected ? error.problem : internal)
    }
  }

  return {
    async start() {
      await check()
      stop = context().clock.every(INTERVAL_MS, () => void check())
    },
    stop: () => stop(),
    problems: () => [...failed.values()],
  }
}

function overdue(domain: Domain, now: number, { title, remedy }: Problem): WorkspaceProblem {
  const kids = dueKeys(domain, now).map(({ kid }) => kid)
  return {
    file: `domains/${domain.path}.json`,
    field: '/keyRotation',
    message: `Domain ${domain.name}: ${kids.join(', ')} should have been rotated by the schedule, and could not be: ${title}`,
    remedy: [remedy, 'It is tried again every minute.'].filter(Boolean).join(' '),
  }
}
