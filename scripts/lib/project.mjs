import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of the checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** npm by the name the platform gives it. */
export const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

const pinnedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** The Node that the tools run on: the pinned one of devDependencies, or this one where it is new enough. */
export function toolNode() {
  if (existsSync(pinnedNode)) return pinnedNode
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 12) ? process.execPath : undefined
}

/** Entry file of an installed package's command, to be run by toolNode(). */
export const tools = {
  electronVite: join(root, 'node_modules/electron-vite/bin/electron-vite.js'),
  electronBuilder: join(root, 'node_modules/electron-builder/cli.js'),
  eslint: join(root, 'node_modules/eslint/bin/eslint.js'),
  prettier: join(root, 'node_modules/prettier/bin/prettier.cjs'),
  vueTsc: join(root, 'node_modules/vue-tsc/bin/vue-tsc.js'),
  vitest: join(root, 'node_modules/vitest/vitest.mjs'),
  playwright: join(root, 'node_modules/@playwright/test/cli.js'),
}

/** Hash of a file's content, hexadecimal SHA-256. */
export function hashOfFile(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** Everything that the build reads. Tests are no part of it. */
const buildInputs = [
  'src-main',
  'src-renderer',
  'src-shared',
  'resources',
  'electron.vite.config.ts',
  'scripts/lib/licences.mjs',
  'scripts/lib/licence-texts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
]

/** Hash over names and contents of all that the build reads, hexadecimal SHA-256. */
export function hashOfSources() {
  const hash = createHash('sha256')
  for (const input of buildInputs) {
    const path = join(root, input)
    if (!existsSync(path)) continue
    for (const file of filesUnder(path)) {
      // What the build writes beside its sources counts for none: the next build would be needed at once.
      if (/\.test\.ts$|components\.d\.ts$|[\\/]node_modules[\\/]/.test(relative(root, file))) continue
      hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0')
    }
  }
  return hash.digest('hex')
}

function filesUnder(path) {
  let entries
  try {
    entries = readdirSync(path, { withFileTypes: true })
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path]
    throw error
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)]))
}
