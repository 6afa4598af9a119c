import { EvaluationError } from './evaluation-error'
import { parseFilter, type Test } from './json-path-filter'
import { createCursor, type PathCursor } from './json-path-cursor'

export { JsonPathError } from './json-path-cursor'

/** A path into a JSON value, prepared. */
export interface JsonPath {
  /**
   * What stands there: one value, null when there is none; a list for a path that can lead to several (`*`, `..`, filters).
   *
   * @param visit counts the values that are looked at
   * @throws EvaluationError when it looks at more of the value than a request may cost
   */
  read(root: unknown, visit?: () => void): unknown
}

/** Values that one reading looks at; `$..*..*` would look at each many times over. */
const MAX_VISITS = 100_000
/** Parts of a path; and how deep filters may stand in filters. */
const MAX_STEPS = 64

interface Step {
  /** Also in all that is beneath (`..`). */
  readonly deep: boolean
  readonly several: boolean
  readonly select: (value: unknown, found: (value: unknown) => void, from: Reading) => void
}

/** One reading of a path: the whole value, and the count of what was looked at. */
export interface Reading {
  readonly root: unknown
  readonly visit: () => void
}

/**
 * Reads `$.store.book[0]['title']`, `$..isbn`, `$.list[*]`, `$.list[-1]`, `$.list[0,2]`, `$.list[1:3]` and
 * `$.list[?(@.price < 10 && @.kind == 'new')]` (RFC 9535, and the dialect of Java's JsonPath, which Gravitee uses).
 *
 * @throws JsonPathError that says at which character it cannot be understood
 */
export function parseJsonPath(path: string): JsonPath {
  const cursor = createCursor(path)
  if (!cursor.accept('$')) cursor.fail('A JSON path starts with $')
  const steps = readSteps(cursor, 0)
  if (!cursor.atEnd()) cursor.fail('This part of the JSON path cannot be read')
  return pathOf(steps)
}

function pathOf(steps: readonly Step[]): JsonPath {
  const several = steps.some((step) => step.deep || step.several)
  return {
    read(root, visit = countVisits()) {
      const from = { root, visit }
      let values: unknown[] = [root]
      for (const step of steps) {
        const next: unknown[] = []
        const found = (value: unknown) => {
          visit()
          next.push(value)
        }
        for (const value of values) {
          if (step.deep) for (const each of beneath(value, visit)) step.select(each, found, from)
          else step.select(value, found, from)
        }
        values = next
      }
      return several ? values : (values[0] ?? null)
    },
  }
}

function countVisits(): () => void {
  let visits = 0
  return () => {
    if (++visits > MAX_VISITS)
      throw new EvaluationError(`A JSON path looked at more than ${MAX_VISITS.toLocaleString('en')} values`)
  }
}

/** A value and all within it, in the order of the text. */
function* beneath(value: unknown, visit: () => void): Iterable<unknown> {
  const waiting: unknown[] = [value]
  while (waiting.length > 0) {
    const each = waiting.pop()
    visit()
    yield each
    if (typeof each === 'object' && each !== null)
      for (const child of Object.values(each).reverse()) {
        visit()
        waiting.push(child)
      }
  }
}

function readSteps(cursor: PathCursor, depth: number): Step[] {
  const steps: Step[] = []
  for (;;) {
    const deep = cursor.accept('..')
    if (cursor.accept('[')) steps.push({ ...readBrackets(cursor, depth), deep })
    else if (deep || cursor.accept('.')) steps.push({ ...readName(cursor), deep })
    else return steps
    if (steps.length > MAX_STEPS) cursor.fail(`A JSON path has at most ${MAX_STEPS} parts`)
  }
}

type Selector = Omit<Step, 'deep'>

function readName(cursor: PathCursor): Selector {
  if (cursor.accept('*')) return everything
  const name = cursor.name() ?? cursor.fail('After a dot comes a name or *')
  if (cursor.peek('(')) cursor.fail('Functions cannot be used in JSON paths here')
  return named([name])
}

function readBrackets(cursor: PathCursor, depth: number): Selector {
  cursor.space()
  if (cursor.accept('*')) return closed(cursor, everything)
  if (cursor.accept('?')) {
    if (depth > 3) cursor.fail('This is nested too deeply')
    const inParentheses = cursor.accept('(')
    const test = parseFilter(cursor, () => pathOf(readSteps(cursor, depth + 1)))
    if (inParentheses && !cursor.accept(')')) cursor.fail('This filter has no ) that ends it')
    return closed(cursor, filtered(test))
  }
  if (cursor.peek("'") || cursor.peek('"')) {
    const names = [cursor.text()]
    while (cursor.acceptSpaced(',')) names.push(cursor.text())
    return closed(cursor, named(names))
  }
  const first = cursor.integer()
  if (cursor.acceptSpaced(':')) {
    const to = cursor.integer()
    if (cursor.acceptSpaced(':') && (cursor.integer() ?? 1) !== 1) cursor.fail('A slice steps by one')
    return closed(cursor, sliced(first, to))
  }
  if (first === undefined) cursor.fail('In brackets come a name in quotes, a number, * or ?(…)')
  const indexes = [first!]
  while (cursor.acceptSpaced(',')) indexes.push(cursor.integer() ?? cursor.fail('After a comma comes a number'))
  return closed(cursor, indexed(indexes))
}

function closed(cursor: PathCursor, selector: Selector): Selector {
  if (!cursor.acceptSpaced(']')) cursor.fail('A [ needs a ] that ends it')
  return selector
}

const everything: Selector = {
  several: true,
  select(value, found) {
    if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) found(each)
  },
}

const named = (names: readonly string[]): Selector => ({
  several: names.length > 1,
  select(value, found) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    for (const name of names) if (Object.hasOwn(value, name)) found((value as Readonly<Record<string, unknown>>)[name])
  },
})

const indexed = (indexes: readonly number[]): Selector => ({
  several: indexes.length > 1,
  select(value, found) {
    if (!Array.isArray(value)) return
    for (const index of indexes) {
      const at = index < 0 ? value.length + index : index
      if (at >= 0 && at < value.length) found(value[at])
    }
  },
})

const sliced = (from: number | undefined, to: number | undefined): Selector => ({
  several: true,
  select(value, found) {
    if (Array.isArray(value)) for (const each of value.slice(from ?? 0, to ?? value.length)) found(each)
  },
})

const filtered = (test: Test): Selector => ({
  several: true,
  select(value, found, from) {
    if (typeof value !== 'object' || value === null) return
    for (const each of Array.isArray(value) ? value : Object.values(value)) {
      from.visit()
      if (test(each, from)) found(each)
    }
  },
})
