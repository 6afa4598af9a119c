import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { build } from 'vite'
import { isFree, licenceCollector } from './licences.mjs'

let root: string
const notice = () => readFile(join(root, 'NOTICE.txt'), 'utf8')
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gatehouse-licences-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function write(file: string, content: string | object): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true })
  await writeFile(join(root, file), typeof content === 'string' ? content : JSON.stringify(content))
}

/** A package that exports its name. */
async function installed(name: string, manifest: object, files: Record<string, string> = {}): Promise<void> {
  const folder = `node_modules/${name}`
  await write(`${folder}/package.json`, { name, version: '1.0.0', type: 'module', main: './lib/index.js', ...manifest })
  // As many packages have it: a package.json that is none.
  await write(`${folder}/lib/package.json`, { type: 'module' })
  await write(`${folder}/lib/index.js`, `export const name = ${JSON.stringify(name)}`)
  for (const [file, content] of Object.entries(files)) await write(`${folder}/${file}`, content)
}

/** Builds a program of these lines, as the app is built. */
async function built(...lines: string[]): Promise<string> {
  await write('main.js', lines.join('\n'))
  const licences = licenceCollector({
    root,
    file: join(root, 'NOTICE.txt'),
    unbundled: ['native'],
    texts: join(import.meta.dirname, 'licence-texts'),
  })
  await build({
    root,
    configFile: false,
    logLevel: 'silent',
    plugins: [licences()],
    build: { lib: { entry: join(root, 'main.js'), formats: ['es'] }, rollupOptions: { external: ['native'] } },
  })
  return notice()
}

describe('the notice of a build', () => {
  it('holds what got into it with its texts, and nothing that did not', async () => {
    await installed('used', { license: 'MIT' }, { LICENSE: 'The licence of used', 'NOTICE.md': 'And its notice' })
    await installed('left-out', { license: 'MIT' }, { LICENSE: 'The licence of left-out' })
    await installed('@scope/textless', { license: 'ISC', author: { name: 'Ada' } })
    const text = await built(
      "import { name } from 'used'",
      "import { name as other } from '@scope/textless'",
      "import { name as unused } from 'left-out'",
      'console.log(name, other)',
    )
    expect(text).toContain('used 1.0.0 (MIT)')
    expect(text).toContain('The licence of used\n\nAnd its notice')
    expect(text).toContain('ISC License\n\nCopyright (c) Ada')
    expect(text).not.toContain('left-out')
  })

  it('holds what ships unbundled with all that it depends on, and the set that our icons are from', async () => {
    await installed('native', { license: 'MIT', dependencies: { deeper: '1', optional: '1' } }, { LICENCE: 'Native' })
    await installed('deeper', { license: 'BSD-3-Clause' }, { 'LICENSE-BSD': 'Deeper' })
    await installed('@iconify-json/set', { license: 'ISC' }, { 'info.json': '{"author":{"name":"Who draws"}}' })
    await write('icons.json', { prefix: 'set', icons: { a: { body: '<path/>' } } })
    const text = await built("import icons from './icons.json'", "import 'native'", 'console.log(icons)')
    expect(text).toContain('Native')
    expect(text).toContain('Deeper')
    expect(text).toContain('Copyright (c) Who draws')
  })

  it.each([
    { licence: 'GPL-3.0-only', says: /copyleft 1\.0\.0 \(GPL-3\.0-only\)/ },
    { licence: undefined, says: /copyleft 1\.0\.0 \(none\)/ },
    { licence: 'Zlib', says: /carries no text of its licence Zlib/ },
  ])('fails the build for $licence', async ({ licence, says }) => {
    await installed('copyleft', licence === undefined ? {} : { license: licence })
    await expect(built("import { name } from 'copyleft'", 'console.log(name)')).rejects.toThrow(says)
    await expect(notice()).rejects.toThrow()
  })
})

it.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0-only)', true],
  ['MIT AND CC-BY-NC-4.0', false],
  ['MIT AND ISC', true],
  ['(MIT OR GPL-2.0) AND GPL-3.0', false],
  ['SEE LICENSE IN LICENSE', false],
  ['', false],
])('%s lets us give it away: %s', (licence, free) => expect(isFree(licence)).toBe(free))
