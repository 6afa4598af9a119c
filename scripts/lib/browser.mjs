import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { onPath } from './system-libraries.mjs'
import { run, say, warn } from './terminal.mjs'

/** What a Chromium is called on the path of a Linux system. */
const programs = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']

/** Where one is elsewhere; Edge is on every Windows. */
const places = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
}

/** The browser of this system that is a Chromium, for the tests of pages that people open in theirs; undefined when there is none. */
export function findBrowser(platform = process.platform, env = process.env) {
  if (platform !== 'linux') return places[platform]?.find((place) => existsSync(place))
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return programs.flatMap((name) => folders.map((folder) => join(folder, name))).find((place) => existsSync(place))
}

/**
 * The environment that names the browser to the tests. Where there is none it is installed, as root on Debian and its kin; elsewhere, and when that
 * fails, the tests that need one are skipped and say so.
 *
 * @returns {Promise<{ GATEHOUSE_BROWSER?: string }>}
 */
export async function browserForTests() {
  const found = findBrowser() ?? (await installBrowser())
  return found === undefined ? {} : { GATEHOUSE_BROWSER: found }
}

async function installBrowser() {
  const canInstall = process.platform === 'linux' && process.getuid?.() === 0 && onPath('apt-get')
  if (canInstall) {
    say('Installing a browser for the tests: chromium…')
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    try {
      await run('apt-get', ['-qq', 'update'], { env })
      await run('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', 'chromium'], { env })
    } catch (error) {
      warn(`chromium could not be installed:\n${error.message}`)
    }
  }
  const browser = findBrowser()
  if (browser === undefined)
    warn('No Chromium, Chrome or Edge here: the test of login in a plain browser is skipped. Install one to run it.')
  return browser
}
