import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'vite'
import { startEngine } from '../host'
import type { Engine } from '../messages'

/** A real engine in a real thread, for tests. */
export interface TestEngine {
  readonly engine: Engine
  readonly stateFolder: string
  /** Ends the thread as a crash would. */
  crash(): Promise<void>
  /** Stops the engine and removes its state. */
  dispose(): Promise<void>
}

const root = resolve(import.meta.dirname, '../../..')

/** Bundles the worker as the build does. Within `node_modules`, so that it finds the native addon. */
export async function buildWorker(): Promise<{ readonly workerUrl: URL; remove(): Promise<void> }> {
  const cache = join(root, 'node_modules/.cache')
  await mkdir(cache, { recursive: true })
  const outDir = await mkdtemp(join(cache, 'gatehouse-engine-'))
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '@shared': join(root, 'src-shared') } },
    ssr: { noExternal: true, external: ['classic-level'] },
    build: {
      ssr: join(root, 'src-main/engine/worker.ts'),
      target: 'node20',
      outDir,
      minify: false,
      rollupOptions: { external: ['classic-level'], output: { format: 'es', entryFileNames: 'worker.mjs' } },
    },
  })
  return {
    workerUrl: pathToFileURL(join(outDir, 'worker.mjs')),
    remove: () => rm(outDir, { recursive: true, force: true }),
  }
}

/** @param stateFolder of an engine before, to start where it ended */
export async function startTestEngine(workerUrl: URL, stateFolder?: string): Promise<TestEngine> {
  const folder = stateFolder ?? (await mkdtemp(join(tmpdir(), 'gatehouse-engine-')))
  let thread: Worker | undefined
  const engine = startEngine({
    stateFolder: folder,
    traceKey: randomBytes(16).toString('hex'),
    workerUrl,
    startThread: (url, workerData) => (thread = new Worker(url, { workerData, execArgv: [] })),
  })
  return {
    engine,
    stateFolder: folder,
    async crash() {
      await thread?.terminate()
    },
    async dispose() {
      await engine.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
