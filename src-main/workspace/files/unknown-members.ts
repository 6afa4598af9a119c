import { escapePointer } from '@shared/json-pointer'
import type { WorkspaceProblem } from '@shared/workspace'
import { shapeFor, type Shape } from './json-text'

/** Members that are no longer than this apart by edits may be a slip of the other. */
const SLIP_EDITS = 2
const PASSWORDS = ['password', 'passwordHash']

interface Found {
  /** JSON pointer to the first. */
  readonly pointer: string
  readonly name: string
  readonly known: readonly string[]
  count: number
}

/**
 * Tells of members of a document that its schema does not name, so that nobody waits for what they do: they do nothing, and stay as they
 * stand. Alike ones of several entries are told once. Never quotes a value, which may be a secret.
 */
export function unknownMemberProblems(file: string, schema: object, value: unknown): WorkspaceProblem[] {
  const found = new Map<string, Found>()
  const walk = (part: unknown, shape: Shape, pointer: string, form: string): void => {
    if (Array.isArray(part)) {
      for (const [index, each] of part.entries()) walk(each, shape.items ?? {}, `${pointer}/${index}`, `${form}/*`)
      return
    }
    if (typeof part !== 'object' || part === null) return
    // What has members of any name says of none that it is unknown.
    const { properties } = shapeFor(part as Record<string, unknown>, shape)
    if (properties === undefined) return
    for (const [name, member] of Object.entries(part)) {
      const [at, of] = [`${pointer}/${escapePointer(name)}`, `${form}/${name}`]
      const known = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (known !== undefined) walk(member, known, at, of)
      else tell(of, { pointer: at, name, known: Object.keys(properties) })
    }
  }
  const tell = (form: string, one: Omit<Found, 'count'>) => {
    const before = found.get(form)
    if (before === undefined) found.set(form, { ...one, count: 1 })
    else before.count++
  }
  walk(value, schema as Shape, '', '')
  return [...found.values()].map((each) => ({ file, ...problemOf(file, each) }))
}

function problemOf(file: string, { pointer, name, known, count }: Found): Omit<WorkspaceProblem, 'file'> {
  const more = count === 1 ? '' : `; it is at ${count} places`
  return {
    field: pointer,
    message: `${file}, ${pointer}: there is no member ${name} here, so that it does nothing${more}`,
    remedy: PASSWORDS.includes(name)
      ? 'Remove it, for a password never stands in a document, and set the password in the window or by users.setPassword.'
      : remedyOf(name, known),
  }
}

function remedyOf(name: string, known: readonly string[]): string {
  const meant = known.find((each) => isSlip(name, each))
  return meant === undefined
    ? `Remove it, or use one of ${known.join(', ')}.`
    : `Call it ${meant} if that is meant, or remove it.`
}

function isSlip(name: string, other: string): boolean {
  const [one, two] = [name.toLowerCase(), other.toLowerCase()]
  return one === two || (Math.min(one.length, two.length) > SLIP_EDITS * 2 && edits(one, two) <= SLIP_EDITS)
}

/** How many characters have to be added, removed or replaced to make one text of the other (Levenshtein). */
function edits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, character] of [...one].entries()) {
    const next = [index + 1]
    for (let at = 1; at <= other.length; at++) {
      const replaced = row[at - 1]! + (other[at - 1] === character ? 0 : 1)
      next.push(Math.min(replaced, row[at]! + 1, next[at - 1]! + 1))
    }
    row = next
  }
  return row[other.length]!
}
