import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { startEngine } from '../engine/host'
import { loadEngine } from '../engine/host/engine-thread'
import { openControl } from '../management/control'
import { createManagement } from '../management/management'
import { noEngine } from '../management/no-engine'
import { createSample } from '../management/sample'
import { createWorkspace, openWorkspace, type OpenOptions } from '../workspace'
import { DOCUMENT_FILE, STATE_FOLDER } from '../workspace/layout'
import { systemKeyring } from './keyring'
import type { OpenedWorkspace, Workspaces } from './opened-workspace'
import { readyOf, type SampleUser } from './ready'

/** Milliseconds that requests in flight get to finish when a workspace is closed. */
const DRAIN_MS = 5000

interface WorkspacesOptions {
  /** The product's version. */
  readonly version: string
  /** The engine's program, as it was built. */
  readonly workerUrl: URL
  readonly readingThreadUrl: URL
  /** Folder of the sample workspace, absolute. */
  readonly sampleFolder: string
  readonly onFault: (what: string, error: unknown) => void
}

/** Workspaces as the desktop opens them: with the system's keyring where there is one, and an engine each. */
export function createWorkspaces({
  version,
  workerUrl,
  readingThreadUrl,
  sampleFolder,
  onFault,
}: WorkspacesOptions): Workspaces {
  /** Folders whose workspace is the sample: its own, and those it was made in just now. */
  const samples = new Set([sampleFolder])
  /** Their users, where this process has made them. */
  const users = new Map<string, SampleUser>()
  const openOptions = (): OpenOptions => {
    const keyring = systemKeyring()
    return keyring === undefined ? {} : { keyring }
  }
  return {
    exists: (folder) => existsSync(join(folder, DOCUMENT_FILE)),
    isVacant: (folder) => !existsSync(folder) || readdirSync(folder).length === 0,

    async create(folder, content) {
      await createWorkspace(folder, { name: basename(folder) })
      if (content === 'empty') return
      const store = await openWorkspace(folder, openOptions())
      const management = createManagement({ store, engine: noEngine(store.document()), version, onFault })
      try {
        await management.start()
        const { username, password } = await createSample(management.call)
        users.set(folder, { username, password })
        samples.add(folder)
      } finally {
        await management.close()
        await store.close()
      }
    },

    async open(folder): Promise<OpenedWorkspace> {
      const loaded = loadEngine(workerUrl)
      // What was opened is closed again when what comes after it fails, so that the folder is not left locked.
      const closing = [() => loaded.end()]
      const close = async () => {
        const failures: unknown[] = []
        for (const step of closing.splice(0).reverse()) await step().catch((error: unknown) => failures.push(error))
        if (failures.length > 0) throw failures[0]
      }
      try {
        const store = await openWorkspace(folder, openOptions())
        closing.push(() => store.close())
        const engine = startEngine({
          loaded,
          stateFolder: join(folder, STATE_FOLDER, 'engine'),
          traceKey: randomBytes(24).toString('base64url'),
          workerUrl,
        })
        closing.push(() => engine.stop(DRAIN_MS))
        const management = createManagement({
          ...{ store, engine, version, readingThreadUrl, onFault },
          keepsSchedule: true,
          tracesUnlessSet: true,
        })
        closing.push(() => management.close())
        await management.start()
        // Only `gatehouse deploy` beside the window needs it: without a place for its socket the workspace opens all the same.
        await openControl(folder, management).then(
          (closeControl) => closing.push(closeControl),
          (error: unknown) => onFault('gatehouse deploy cannot reach this workspace while it is open', error),
        )
        return {
          folder,
          traceKey: engine.traceKey,
          ready: () => readyOf(store, engine.status(), samples.has(folder), users.get(folder)),
          run: (name, input) => management.run(name, input),
          onEvent: (listener) => management.onEvent(listener),
          close,
        }
      } catch (error) {
        await close()
        throw error
      }
    },
  }
}
