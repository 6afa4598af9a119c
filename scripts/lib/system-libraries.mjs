import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { done, run, say, SetupError, warn } from './terminal.mjs'

/** What Electron needs of a Linux system: a shared library, program or folder, and the Debian package that brings it. */
const needs = [
  { library: 'libgtk-3.so.0', package: 'libgtk-3-0' },
  { library: 'libnss3.so', package: 'libnss3' },
  { library: 'libasound.so.2', package: 'libasound2' },
  { library: 'libgbm.so.1', package: 'libgbm1' },
  { library: 'libXss.so.1', package: 'libxss1' },
  { library: 'libatk-bridge-2.0.so.0', package: 'libatk-bridge2.0-0' },
  { library: 'libdrm.so.2', package: 'libdrm2' },
  { folder: '/usr/share/fonts', package: 'fonts-dejavu' },
]

/** What it needs beside that where there is no display. */
const headlessNeeds = [
  { program: 'Xvfb', package: 'xvfb' },
  { program: 'xvfb-run', package: 'xvfb' },
  { program: 'xauth', package: 'xauth' },
  { program: 'dbus-launch', package: 'dbus-x11' },
]

/** Whether a window has a display to open on. */
export function hasDisplay(env = process.env) {
  return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/**
 * Installs the system libraries that are missing, as root on Debian and its kin; elsewhere says which are.
 * Looks first, so that nothing is done where nothing is missing.
 *
 * @param {{ virtualDisplay?: boolean }} [options] whether a virtual display is needed; by default when there is no other
 */
export async function installSystemLibraries({ virtualDisplay = !hasDisplay() } = {}) {
  if (process.platform !== 'linux') return
  const missing = missingPackages(virtualDisplay)
  if (missing.length === 0) {
    done('System libraries are there')
    return
  }
  const install = `apt-get update && apt-get install -y ${missing.join(' ')}`
  const canInstall = process.getuid?.() === 0 && onPath('apt-get')
  if (!canInstall) {
    warn(`Missing on this system: ${missing.join(', ')} (names of Debian packages).`)
    warn(`If the window does not open, install them: sudo sh -c '${install}'`)
    return
  }
  say(`Installing system libraries: ${missing.join(' ')}…`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    await run('apt-get', ['-qq', 'update'], { env })
    await run('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...missing], { env })
  } catch (error) {
    throw new SetupError(`System libraries could not be installed:\n${error.message}`, `run by hand: ${install}`)
  }
  done('System libraries installed')
}

function missingPackages(virtualDisplay) {
  const known = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? ''
  const isThere = (need) => {
    if (need.library) return known.includes(`${need.library} `)
    if (need.program) return onPath(need.program)
    return existsSync(need.folder)
  }
  const packages = [...needs, ...(virtualDisplay ? headlessNeeds : [])]
    .filter((need) => !isThere(need))
    .map((need) => need.package)
  return [...new Set(packages)]
}

/** Whether a program can be started by its name. */
export function onPath(program, env = process.env) {
  return (env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)))
}
