import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

const Theme = Type.Union([Type.Literal('light'), Type.Literal('dark'), Type.Literal('system')])
export type Theme = Static<typeof Theme>

/** What the app remembers of a person's window; nothing of a workspace. */
const Preferences = Type.Object({
  theme: Type.Optional(Theme),
  /** Folders of workspaces, the one opened last first. */
  recentWorkspaces: Type.Optional(Type.Array(Type.String())),
  window: Type.Optional(
    Type.Object({
      x: Type.Integer(),
      y: Type.Integer(),
      width: Type.Integer(),
      height: Type.Integer(),
      maximized: Type.Boolean(),
    }),
  ),
})
export type Preferences = Static<typeof Preferences>

/** The preferences in memory, and each change written at once. */
export interface PreferencesFile {
  get(): Preferences
  update(change: Partial<Preferences>): void
}

/** Most workspaces that are remembered. */
export const RECENT_LIMIT = 10

/**
 * Opens the preferences. A file that is missing or cannot be understood counts as empty: it holds nothing that a person
 * could not set again by a click, and a broken one must not keep the app from opening.
 */
export function openPreferences(file: string): PreferencesFile {
  let current = read(file)
  return {
    get: () => current,
    update(change) {
      current = { ...current, ...change }
      mkdirSync(dirname(file), { recursive: true })
      const temporary = `${file}.${process.pid}.tmp`
      writeFileSync(temporary, `${JSON.stringify(current, null, 2)}\n`)
      renameSync(temporary, file)
    },
  }
}

/** The recent workspaces with this one in front. */
export function withRecent(preferences: Preferences, folder: string): string[] {
  const others = (preferences.recentWorkspaces ?? []).filter((other) => other !== folder)
  return [folder, ...others].slice(0, RECENT_LIMIT)
}

function read(file: string): Preferences {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Value.Check(Preferences, value) ? value : {}
  } catch {
    return {}
  }
}
