import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { build } from 'vite'

const root = resolve(import.meta.dirname, '../../..')

/** One file that runs by itself in Node. */
export interface Bundle {
  readonly file: string
  remove(): Promise<void>
}

/**
 * Bundles an entry of `src-main/` as the build does, for a thread or process that a test starts. Within `node_modules`, so
 * that it finds the native addon.
 *
 * @param entry path within the repository
 */
export async function bundle(entry: string): Promise<Bundle> {
  const cache = join(root, 'node_modules/.cache')
  await mkdir(cache, { recursive: true })
  const outDir = await mkdtemp(join(cache, 'gatehouse-test-'))
  const name = `${basename(entry, '.ts')}.mjs`
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '@shared': join(root, 'src-shared') } },
    ssr: { noExternal: true, external: ['classic-level'] },
    build: {
      ssr: join(root, entry),
      target: 'node20',
      outDir,
      minify: false,
      rollupOptions: { external: ['classic-level'], output: { format: 'es', entryFileNames: name } },
    },
  })
  return { file: join(outDir, name), remove: () => rm(outDir, { recursive: true, force: true }) }
}
