import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOfFile, npm, root, toolNode } from './project.mjs'
import { done, run, say, SetupError } from './terminal.mjs'

const stamp = join(root, 'node_modules', '.gatehouse-lock')

/** Installs the packages of the lockfile, unless exactly they are installed already. */
export async function installDependencies() {
  const lock = hashOfFile(join(root, 'package-lock.json'))
  if ((existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) || isInstalledByHand()) {
    writeFileSync(stamp, lock)
    done('Packages are installed')
  } else {
    refuseLink()
    say('Installing packages (npm ci, about half a minute)…')
    await run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root }).catch((error) => {
      throw new SetupError(
        `npm ci failed:\n${error.message}`,
        'see that a package registry can be reached (npm ping) and that the disk is not full, then run the same command again.',
      )
    })
    writeFileSync(stamp, lock)
    done('Packages installed')
  }
  if (toolNode() === undefined) await fetchPinnedNode()
}

/** Of a folder that is a link, npm ci would empty what it leads to, which is another checkout's. */
function refuseLink() {
  const folder = join(root, 'node_modules')
  if (!existsSync(folder) || !lstatSync(folder).isSymbolicLink()) return
  throw new SetupError(
    'node_modules is a link, and what is installed there is not what the lockfile asks for.',
    'install in the checkout that the link leads to, or remove the link to have packages of its own here.',
  )
}

/**
 * Whether npm itself installed what the lockfile asks for, without this script. Its own record of what is installed
 * tells; packages of other platforms are in the lockfile alone.
 */
function isInstalledByHand() {
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages
  const installed = packagesOf(record)
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(
    ([path, { version, optional, link }]) => path === '' || optional || link || installed[path]?.version === version,
  )
}

/** The `node` package fetches its binary by an install script, which newer npm versions run only when approved. */
async function fetchPinnedNode() {
  say('Fetching the Node that the tools run on…')
  const folder = join(root, 'node_modules', 'node')
  await run(process.execPath, ['installArchSpecificPackage'], { cwd: folder }).catch((error) => {
    throw new SetupError(
      `The tools need Node 22.12 or newer; this is ${process.versions.node}, and the pinned one could not be fetched:\n${error.message}`,
      'install a newer Node, or approve the install script of the package named node, and run the same command again.',
    )
  })
}
