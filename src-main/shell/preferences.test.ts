import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPreferences, RECENT_LIMIT, withRecent } from './preferences'

describe('preferences', () => {
  let folder: string
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'preferences-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('are there again at the next start, whole, with no temporary file left', () => {
    const file = join(folder, 'app', 'preferences.json')
    openPreferences(file).update({ theme: 'dark' })
    openPreferences(file).update({ recentWorkspaces: ['/labs/echo'] })
    expect(openPreferences(file).get()).toEqual({ theme: 'dark', recentWorkspaces: ['/labs/echo'] })
    expect(readdirSync(join(folder, 'app'))).toEqual(['preferences.json'])
  })

  it.each(['{"theme": "dark"', '{"theme": "sepia"}', '[]', ''])('start empty from a file that reads %j', (text) => {
    const file = join(folder, 'preferences.json')
    writeFileSync(file, text)
    expect(openPreferences(file).get()).toEqual({})
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it('remember the workspace opened last first, each once, and not endlessly many', () => {
    const many = Array.from({ length: 30 }, (_, n) => `/labs/${n}`)
    const recent = many.reduce<string[]>((so, next) => withRecent({ recentWorkspaces: so }, next), [])
    expect(recent).toHaveLength(RECENT_LIMIT)
    expect(withRecent({ recentWorkspaces: ['/a', '/b', '/c'] }, '/c')).toEqual(['/c', '/a', '/b'])
  })
})
