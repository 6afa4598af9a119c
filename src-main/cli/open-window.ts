import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { CommandError } from './fail'

/** `gatehouse` alone: the window, where Electron is installed beside this program. */
export async function openWindow(): Promise<void> {
  const electron = findElectron()
  if (electron === undefined)
    throw new CommandError(
      'The window needs Electron, which is not installed here: run npm start in the project, or gatehouse serve DIR without a window.',
    )
  const project = fileURLToPath(new URL('../..', import.meta.url.replace(/\/chunks\/[^/]*$/, '/cli.js')))
  const child = spawn(electron, [project], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** The electron package answers the path of its program; it throws when that was never downloaded. */
function findElectron(): string | undefined {
  if (process.env.GATEHOUSE_ELECTRON) return process.env.GATEHOUSE_ELECTRON
  try {
    const electron: unknown = createRequire(import.meta.url)('electron')
    return typeof electron === 'string' ? electron : undefined
  } catch {
    return undefined
  }
}
