// Stands in for the default app that an official Electron carries: takes the first argument that is no switch as the app
// folder, and runs that folder's program under its own name.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app } from 'electron'

const folder = resolve(process.argv.slice(1).find((argument) => !argument.startsWith('-')) ?? '.')
const manifest = join(folder, 'package.json')
if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory() || !existsSync(manifest)) {
  process.stderr.write(`${folder} holds no app (no package.json).\n`)
  process.exit(1)
}
const { name, productName = name, version, main = 'index.js' } = JSON.parse(readFileSync(manifest, 'utf8'))
process.defaultApp = true
app.setAppPath(folder)
app.setName(productName)
app.setVersion(version)
app.setPath('userData', join(app.getPath('appData'), productName))
await import(pathToFileURL(join(folder, main)).href)
