import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { build } from 'vite'

const root = resolve(import.meta.dirname, '../../..')

/** A program that runs by itself in Node. */
export interface Bundle {
  readonly file: string
  remove(): Promise<void>
}

/**
 * Bundles an entry of `src-main/` as the build does, for a thread or process that a test starts. Within `node_modules`, so
 * that it finds the native addon.
 *
 * @param entry path within the repository
 * @param beside other entries that the first one expects beside it, by their names there: `{ 'engine/worker': 'src-main/…' }`
 */
export async function bundle(entry: string, beside: Readonly<Record<string, string>> = {}): Promise<Bundle> {
  const cache = join(root, 'node_modules/.cache')
  await mkdir(cache, { recursive: true })
  const outDir = await mkdtemp(join(cache, 'gatehouse-test-'))
  const name = basename(entry, '.ts')
  const inputs = Object.entries({ [name]: entry, ...beside })
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '@shared': join(root, 'src-shared') } },
    ssr: { noExternal: true, external: ['classic-level'] },
    build: {
      ssr: true,
      target: 'node20',
      outDir,
      minify: false,
      rollupOptions: {
        input: Object.fromEntries(inputs.map(([each, source]) => [each, join(root, source)])),
        external: ['classic-level'],
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  })
  // The folder is in nobody's package, and Node takes a .js file there for CommonJS.
  await writeFile(join(outDir, 'package.json'), '{ "type": "module" }\n')
  return { file: join(outDir, `${name}.js`), remove: () => rm(outDir, { recursive: true, force: true }) }
}
