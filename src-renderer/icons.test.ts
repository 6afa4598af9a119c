/* eslint-disable no-restricted-imports -- the test runs in Node and reads the sources from disk */
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import lucide from '@iconify-json/lucide/icons.json'

const root = resolve(import.meta.dirname, '..')
type Icon = { body: string; width?: number; height?: number }

/** Icon names in the window, in what the engine tells of policies and resources, and in Nuxt UI's own defaults. */
function namesInUse(): string[] {
  const sources = [
    ...globSync('src-{renderer,main,shared}/**/*.{ts,vue}', { cwd: root }),
    ...globSync('node_modules/@nuxt/ui/dist/shared/*.mjs', { cwd: root }),
  ]
  const names = sources.flatMap((file) => [
    ...readFileSync(resolve(root, file), 'utf8').matchAll(/\bi-lucide-([a-z0-9]+(?:-[a-z0-9]+)*)/g),
  ])
  return [...new Set(names.map((match) => match[1]!))].sort()
}

it('bundles exactly the icons in use, each of which lucide has', async () => {
  const all: Record<string, Icon> = lucide.icons
  const aliases: Record<string, { parent: string }> = lucide.aliases
  const icons: Record<string, Icon> = {}
  const unknown: string[] = []
  for (const name of namesInUse()) {
    const icon = all[name] ?? all[aliases[name]?.parent ?? '']
    if (icon) icons[name] = { body: icon.body }
    else unknown.push(name)
  }
  expect(unknown, 'names that lucide does not have').toEqual([])
  const subset = { prefix: lucide.prefix, width: lucide.width, height: lucide.height, icons }
  await expect(JSON.stringify(subset, null, 2) + '\n').toMatchFileSnapshot('icons.json')
})
