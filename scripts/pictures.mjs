// npm run pictures: the window's pages in both themes, for the documentation. Drawn from the sample workspace after a
// refused and an answered call, by e2e/pictures.ts, in the real window.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { onDisplay } from './lib/electron-command.mjs'
import { root, toolNode, tools } from './lib/project.mjs'
import { done, main } from './lib/terminal.mjs'
import { setUp } from './setup.mjs'

await main(async () => {
  const electron = await setUp()
  const config = join(root, 'e2e', 'pictures.config.ts')
  const [command, args] = onDisplay(toolNode(), [tools.playwright, 'test', '--config', config])
  const env = { ...process.env, GATEHOUSE_ELECTRON: electron.executable }
  const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' })
  process.exitCode = await new Promise((settle) => child.once('close', (code) => settle(code ?? 1)))
  if (process.exitCode === 0) done('The pictures stand in docs/pictures')
})
