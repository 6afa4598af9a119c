// npm run test:e2e [-- FILE…]: Playwright against the real Electron. Arguments go to Playwright.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { browserForTests } from './lib/browser.mjs'
import { onDisplay } from './lib/electron-command.mjs'
import { root, toolNode, tools } from './lib/project.mjs'
import { main } from './lib/terminal.mjs'
import { setUp } from './setup.mjs'

await main(async () => {
  const electron = await setUp()
  const config = join(root, 'e2e', 'playwright.config.ts')
  const [command, args] = onDisplay(toolNode(), [
    tools.playwright,
    'test',
    '--config',
    config,
    ...process.argv.slice(2),
  ])
  const env = {
    ...process.env,
    ...(await browserForTests()),
    GATEHOUSE_ELECTRON: electron.executable,
    GATEHOUSE_ELECTRON_VERSION: electron.version,
  }
  const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' })
  process.exitCode = await new Promise((settle) => child.once('close', (code) => settle(code ?? 1)))
})
