import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** Licences (SPDX) under which a package may be given away as a part of ours; of any other the build fails. */
const FREE = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT', 'MIT-0', 'OFL-1.1', 'Unlicense', 'Zlib']) // prettier-ignore

/** @typedef {{ folder: string, name: string, version: string, licence: string, text: string, homepage: string | undefined }} Package */

/**
 * Collects the licences of all that really gets into a build, from the modules and files of its bundles, and writes them to one file.
 * The builds of one run share it: each is given a plugin of its own.
 *
 * @param {{ root: string, file: string, unbundled: readonly string[], texts: string }} options `unbundled`: packages that ship as they
 *   are, with all that they depend on; `texts`: folder of the licences' own words, for packages that carry none
 * @returns {() => import('vite').Plugin}
 */
export function licenceCollector({ root, file, unbundled, texts }) {
  /** By folder: a package may be there in two versions. @type {Map<string, Package>} */
  const packages = new Map()
  const take = (folder) => {
    if (folder !== undefined && !packages.has(folder)) packages.set(folder, readPackage(folder, texts))
  }
  const shipped = (name, from) => {
    const folder = installed(name, from)
    if (folder === undefined || packages.has(folder)) return
    take(folder)
    for (const dependency of Object.keys(manifestOf(folder).dependencies ?? {})) shipped(dependency, folder)
  }

  return () => {
    let base = root
    return {
      name: 'licences',
      configResolved: (config) => void (base = config.root),
      generateBundle(_options, bundle) {
        for (const name of unbundled) shipped(name, root)
        for (const output of Object.values(bundle)) {
          const sources = output.type === 'chunk' ? Object.keys(output.modules) : output.originalFileNames
          for (const source of sources) take(folderOf(source, base, root))
        }
        const refused = [...packages.values()].filter(({ licence }) => !isFree(licence))
        if (refused.length > 0) {
          const list = refused.map(({ name, version, licence }) => `${name} ${version} (${licence || 'none'})`)
          this.error(`Not under a licence that lets us give it away: ${list.join(', ')}. Leave it out, or add its licence to scripts/lib/licences.mjs when it is free.`) // prettier-ignore
        }
      },
      writeBundle: () => writeFileSync(file, notice([...packages.values()])),
    }
  }
}

/** The folder of the package that a module or file of a bundle is from; undefined for our own. */
function folderOf(source, base, root) {
  // Helpers that the bundler adds: \0vite/preload-helper.js, \0@oxc-project+runtime@0.1.0/helpers/…
  const helper = /^\0((?:@[^/+]+[/+])?[^/@:]+)/.exec(source)?.[1]
  if (helper !== undefined) return installed(helper.replace('+', '/'), root)
  const path = resolve(base, source.split('?', 1)[0])
  if (!path.includes('/node_modules/') && !path.includes('\\node_modules\\')) return iconSetOf(path, root)
  for (let folder = dirname(path); dirname(folder) !== folder; folder = dirname(folder)) {
    // Folders within a package may have a package.json of their own, which says nothing but the type of the modules.
    const { name, version } = existsSync(join(folder, 'package.json')) ? manifestOf(folder) : {}
    if (name !== undefined && version !== undefined) return folder
  }
  return undefined
}

/** Our selection of icons names the set that it is from, as Iconify's format has it. */
function iconSetOf(path, root) {
  if (!path.endsWith('.json') || !existsSync(path)) return undefined
  const { prefix, icons } = JSON.parse(readFileSync(path, 'utf8'))
  return prefix === undefined || icons === undefined ? undefined : installed(`@iconify-json/${prefix}`, root)
}

/** Where a package stands for who imports it from a folder; undefined where it is not installed, as an optional one may be. */
function installed(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name)
    if (existsSync(join(found, 'package.json'))) return found
    if (dirname(folder) === folder) return undefined
  }
}

const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** @returns {Package} */
function readPackage(folder, standardTexts) {
  const { name, version, license, licenses, homepage, author } = manifestOf(folder)
  const licence = typeof license === 'string' ? license : (license?.type ?? licenses?.map(({ type }) => type).join(' OR ') ?? '') // prettier-ignore
  const files = readdirSync(folder).filter((each) => /^(licen[cs]e|copying|notice|unlicense|ofl)([.-]|$)/i.test(each))
  const texts = files.sort().map((each) => readFileSync(join(folder, each), 'utf8').trim())
  const text = texts.length > 0 ? texts.join('\n\n') : standardText(standardTexts, licence, holderOf(folder, author) ?? `the authors of ${name}`) // prettier-ignore
  if (text === undefined && isFree(licence))
    throw new Error(`The package ${name} ${version} carries no text of its licence ${licence}: add it to ${standardTexts}.`) // prettier-ignore
  return { folder, name, version, licence, text: text ?? '', homepage }
}

/** Who has the copyright, by the package's own words; an icon set of Iconify's says it of the icons apart. */
function holderOf(folder, author) {
  const info = join(folder, 'info.json')
  const who = existsSync(info) ? JSON.parse(readFileSync(info, 'utf8')).author : author
  return typeof who === 'string' ? who : who?.name
}

/** The licence's own words, for packages that carry none; undefined where we have none either. */
function standardText(folder, licence, holder) {
  const file = join(folder, `${licence}.txt`)
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace('{holder}', holder) : undefined
}

/** @param {string} licence an SPDX expression; one that mixes OR with AND is for a person to read */
export function isFree(licence) {
  const words = licence.replaceAll(/[()]/g, '')
  if (words.includes(' OR ') && words.includes(' AND ')) return false
  if (words.includes(' OR ')) return words.split(' OR ').some((each) => FREE.has(each.trim()))
  return words.split(' AND ').every((each) => FREE.has(each.trim()))
}

/** @param {Package[]} packages */
function notice(packages) {
  const sorted = [...new Map(packages.map((each) => [`${each.name} ${each.version}`, each])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, each]) => each)
  const rule = '='.repeat(80)
  return [
    'Gatehouse is given under the Apache License 2.0 (see LICENSE). It is made with the packages below, each under its own licence.',
    'The desktop app also carries Electron, Chromium and Node.js, whose licences stand beside its program (LICENSE.electron.txt, LICENSES.chromium.html).',
    '',
    ...sorted.map(({ name, version, licence }) => `${name} ${version} (${licence})`),
    ...sorted.flatMap(({ name, version, licence, homepage, text }) => [
      '',
      rule,
      `${name} ${version} (${licence})${homepage === undefined ? '' : `, ${homepage}`}`,
      rule,
      '',
      text,
    ]),
    '',
  ].join('\n')
}
