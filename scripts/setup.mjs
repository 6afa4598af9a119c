// Everything between a fresh clone and a program that can start. Runs on Node 20, before anything is installed: this file
// and scripts/lib import nothing but Node. What needs packages runs afterwards, in the pinned Node.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './lib/build.mjs'
import { installDependencies } from './lib/dependencies.mjs'
import { root, toolNode } from './lib/project.mjs'
import { installSystemLibraries } from './lib/system-libraries.mjs'
import { main, SetupError } from './lib/terminal.mjs'
import { spawn } from 'node:child_process'

/**
 * Installs what is missing, finds or fetches Electron and builds.
 *
 * @param {{ virtualDisplay?: boolean, withBuild?: boolean }} [options]
 * @returns {Promise<{ executable: string, version: string, source: string }>} the Electron to use
 */
export async function setUp({ virtualDisplay, withBuild = true } = {}) {
  await installDependencies()
  await installSystemLibraries({ virtualDisplay })
  const electron = await findElectron()
  if (withBuild) await build()
  return electron
}

/** Asks scripts/electron.mjs, which needs installed packages, in the Node that the tools run on. */
function findElectron() {
  return new Promise((resolve, reject) => {
    const child = spawn(toolNode(), [join(root, 'scripts', 'electron.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', (chunk) => (out += chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(out))
      else reject(new SetupError('No Electron to start.', 'see the lines above; the next start tries again.'))
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(async () => void (await setUp()))
