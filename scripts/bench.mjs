/** `npm run bench`: set-up, build, then the benchmarks on Node 24. */
import { spawnSync } from 'node:child_process'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setup } from './setup.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
await setup({ electron: false })
const node = resolve(root, 'node_modules/.bin/node')
const { status } = spawnSync(node, [resolve(root, 'bench/run.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: root,
})
process.exit(status ?? 1)
