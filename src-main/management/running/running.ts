import { ProblemError } from '@shared/problem'
import type { WorkspaceProblem } from '@shared/workspace'
import { EngineRefusal, type Engine } from '../../engine/messages'
import type { ApiSnapshot, Snapshot } from '../../engine/snapshot'
import type { Store } from '../../workspace/store'
import type { BuiltUsers } from './build-clients'
import { buildSnapshot, type ListenOverrides, type OwnAuthorization } from './build-snapshot'
import {
  authorizationAddress,
  configuredByEitherScheme,
  listeningAddress,
  publicAuthorization,
} from './own-authorization'
import { doesNotCompile, engineUnavailable, notTaken, notTakenProblem, workspaceProblems } from './refusals'
import { viewOf, type WorkspaceView } from './workspace-view'

/** Keeps what the engine runs in step with what is saved. Its changes are made one after the other (Context.exclusive). */
export interface Running {
  /** What of the workspace does not run as it is saved. */
  problems(): readonly WorkspaceProblem[]
  /** Runs what is saved. What does not compile goes on as it ran before, or is left out, and is told in `problems`. */
  reload(): Promise<void>
  /** The same, when the authorization server has moved since and resources have to follow it. */
  follow(): Promise<void>
  /**
   * Runs the workspace with a change, then has it saved. When the engine refuses, or saving fails, what ran before goes on
   * and the call rejects: nothing is changed then.
   */
  change(change: Change): Promise<void>
  /** Where this workspace's authorization server is, or is configured to be; undefined when that is not known yet. */
  authorizationAddress(): string | undefined
  /** The hosts to listen on: the document's, and the one that counts in its place. */
  hosts(): readonly string[]
  /** Addresses that stand for it, and where it is now. */
  ownAuthorization(): OwnAuthorization
}

export interface Change {
  /** The view as it would be saved. */
  readonly view: (saved: WorkspaceView) => WorkspaceView
  /** Makes it durable; called when the engine runs it. */
  readonly save: () => Promise<void>
  /** The API that the change is about: when it is refused, so is the change. */
  readonly apiId?: string
  /** For which the document's address counts from now on, not the one that the caller of createManagement has set. */
  readonly dropOverrides?: readonly (keyof ListenOverrides)[]
}

export interface RunningOptions {
  readonly store: Store
  readonly engine: Engine
  readonly listen: ListenOverrides
  /** Addresses that the authorization server had at earlier starts, on ports that were picked for it. */
  readonly earlierAddresses: () => readonly string[]
}

export function createRunning({ store, engine, listen, earlierAddresses }: RunningOptions): Running {
  let overrides = listen
  let version = 0
  let problems: readonly WorkspaceProblem[] = []
  let applied: Snapshot | undefined
  const builtUsers: BuiltUsers = new WeakMap()
  /** Where the authorization server was when `applied` was built. */
  let followed: string | undefined

  const ownAuthorization = (document = store.document()): OwnAuthorization => {
    const publicAddress = publicAuthorization(document)
    return {
      known: new Set([
        ...earlierAddresses(),
        ...configuredByEitherScheme(document),
        ...(publicAddress === undefined ? [] : [publicAddress]),
      ]),
      now: listeningAddress(engine.status()),
    }
  }

  /** Has the engine run the view; answers what of it does not run. Rejects when the API that counts is refused. */
  async function apply(view: WorkspaceView, apiId?: string): Promise<readonly WorkspaceProblem[]> {
    const own = ownAuthorization(view.document)
    const built = buildSnapshot(view, ++version, overrides, own, builtUsers)
    const missing = apiId === undefined ? undefined : built.missing.get(apiId)
    if (missing) throw doesNotCompile(missing)

    const found = [...built.problems]
    let { snapshot } = built
    for (;;) {
      try {
        await engine.apply(snapshot)
        break
      } catch (error) {
        if (!(error instanceof EngineRefusal)) throw engineUnavailable(engine.status())
        const counts = error.problems.find((problem) => problem.apiId === apiId)
        if (counts) throw doesNotCompile(counts.errors)
        const refused = new Set(error.problems.map((problem) => problem.apiId))
        const apis = withoutRefused(snapshot.apis, refused, applied?.apis ?? [])
        if (apis === undefined) throw notTaken(error)
        found.push(...workspaceProblems(error.problems, view))
        snapshot = { ...snapshot, version: ++version, apis }
      }
    }
    applied = snapshot
    followed = own.now
    // With port 0 the address is known only now.
    return ownAuthorization().now === own.now ? found : apply(view, apiId)
  }

  const reload = async () => {
    try {
      problems = await apply(viewOf(store))
    } catch (error) {
      const refused = error instanceof ProblemError ? notTakenProblem(error.problem) : undefined
      if (!refused) throw error
      problems = [refused]
    }
  }
  return {
    problems: () => problems,
    reload,
    async follow() {
      const { now } = ownAuthorization()
      if (applied && now !== undefined && now !== followed) await reload()
    },
    async change({ view, save, apiId, dropOverrides = [] }) {
      const overridden = overrides
      overrides = Object.fromEntries(
        Object.entries(overrides).filter(([name]) => !dropOverrides.some((dropped) => dropped === name)),
      )
      let found
      try {
        found = await apply(view(viewOf(store)), apiId)
      } catch (error) {
        overrides = overridden
        throw error
      }
      try {
        await save()
      } catch (error) {
        overrides = overridden
        await reload()
        throw error
      }
      problems = found
    },
    authorizationAddress: () => authorizationAddress(engine.status(), store.document()),
    hosts: () => [store.document().host, ...(overrides.host === undefined ? [] : [overrides.host])],
    ownAuthorization: () => ownAuthorization(),
  }
}

/**
 * The APIs with each refused one as it ran before, or left out when it did not run or that very revision is refused.
 * Undefined when none of the refused is among them, so that leaving out would change nothing.
 */
function withoutRefused(
  apis: readonly ApiSnapshot[],
  refused: ReadonlySet<string>,
  ranBefore: readonly ApiSnapshot[],
): readonly ApiSnapshot[] | undefined {
  if (!apis.some(({ id }) => refused.has(id))) return undefined
  return apis.flatMap((api) => {
    if (!refused.has(api.id)) return [api]
    const before = ranBefore.find(({ id }) => id === api.id)
    const same = before?.revision === api.revision && before.secretsVersion === api.secretsVersion
    return before && !same ? [before] : []
  })
}
