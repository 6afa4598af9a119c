// npm run bench [-- --quick]: set-up without a window, the build, then the benchmarks in the pinned Node.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from './lib/build.mjs'
import { installDependencies } from './lib/dependencies.mjs'
import { root, toolNode } from './lib/project.mjs'
import { main } from './lib/terminal.mjs'

await main(async () => {
  await installDependencies()
  await build()
  const args = [join(root, 'bench', 'run.ts'), ...process.argv.slice(2)]
  process.exitCode = spawnSync(toolNode(), args, { stdio: 'inherit', cwd: root }).status ?? 1
})
