// npm run dist [-- --dir …]: installers for this platform by electron-builder, into dist/. Arguments go to it.
// An official Electron is packed; the substitute only with --dir, to try out how the app behaves once packed.
import { spawn } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root, toolNode, tools } from './lib/project.mjs'
import { main, SetupError, warn } from './lib/terminal.mjs'
import { setUp } from './setup.mjs'

await main(async () => {
  const args = process.argv.slice(2)
  const electron = await setUp()
  if (electron.source === 'official') return pack(args)
  if (!args.includes('--dir')) {
    throw new SetupError(
      'Installers are made with an official Electron only, and it could not be fetched here.',
      'run this where github.com can be reached, or try the packed app without an installer: npm run dist -- --dir',
    )
  }
  warn(`A trial with Electron ${electron.version}: not for giving away.`)
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-dist-'))
  try {
    const dist = join(folder, 'electron')
    await cp(dirname(electron.executable), dist, { recursive: true })
    await rm(join(dist, 'resources', 'default_app.asar'), { force: true })
    await pack([...args, `-c.electronDist=${dist}`, `-c.electronVersion=${electron.version}`])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

async function pack(args) {
  const child = spawn(toolNode(), [tools.electronBuilder, '--publish', 'never', ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  process.exitCode = await new Promise((settle) => child.once('close', (code) => settle(code ?? 1)))
}
