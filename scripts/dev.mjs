// npm run dev: the window from Vite's server, reloading as sources change; the main process starts anew when its own do.
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { spawn } from 'node:child_process'
import { onDisplay, switchesHere } from './lib/electron-command.mjs'
import { root, toolNode, tools } from './lib/project.mjs'
import { main } from './lib/terminal.mjs'
import { setUp } from './setup.mjs'

await main(async () => {
  const folder = process.argv[2] ?? join(homedir(), 'Gatehouse', 'echo-lab')
  const electron = await setUp({ withBuild: false })
  const [command, args] = onDisplay(toolNode(), [
    tools.electronVite,
    'dev',
    '--watch',
    ...(switchesHere().length > 0 ? ['--noSandbox'] : []),
    '--',
    folder,
    '--print-ready',
  ])
  const env = {
    ...process.env,
    ELECTRON_EXEC_PATH: electron.executable,
    ELECTRON_OVERRIDE_DIST_PATH: dirname(electron.executable),
  }
  const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  process.exitCode = await new Promise((settle) => child.once('close', (code) => settle(code ?? 0)))
})
