import { LONGEST_API_FILE } from '@shared/api-formats'
import { isAlias, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml'
import { parseJson, type PlacedSyntaxError } from '../../workspace/files/json-text'
import { unreadable, type Place } from './unreadable'
import { lowerFirst } from '../lower-first'

/** Characters in which the place of a mistake is looked for: finding it takes as long as reading YAML does. */
const LONGEST_PLACED = 1_000_000
/** Characters of what the parser says: it may quote what it does not understand. */
const LONGEST_MESSAGE = 200
/** Levels of nesting: more than any API description has, and few enough for everything that walks it. */
const DEEPEST = 100
/** Values that aliases may stand for in all: enough for shared parts, too few for a document that unfolds without end. */
const MOST_ALIASED = 1_000

/** A text as plain values, and where each stands. */
export interface ReadText {
  readonly value: unknown
  /** Where the value behind a JSON pointer stands, or the nearest around it. */
  placeOf(pointer: string): Place | undefined
}

/**
 * Reads JSON or YAML 1.2. Nothing is fetched, and no tag makes anything but plain values.
 *
 * @throws ProblemError API_FILE_UNREADABLE naming the line and column, where there is one
 */
export function readText(content: string, fileName?: string): ReadText {
  if (content.length > LONGEST_API_FILE)
    throw unreadable(fileName, 'this is longer than any API description', 'Import a file of at most 16 MB.')
  const text = content.startsWith('\uFEFF') ? content.slice(1) : content
  if (text.trim() === '')
    throw unreadable(fileName, 'there is nothing in it', 'Give a Gravitee definition or an OpenAPI document.')
  const value = /^\s*[[{]/.test(text) ? fromJson(text, fileName) : fromYaml(text, fileName)
  if (isDeeperThan(value, DEEPEST)) throw tooDeep(fileName)
  let places: ReturnType<typeof findPlaces> | undefined
  return { value, placeOf: (pointer) => (places ??= findPlaces(text))(pointer) }
}

function fromJson(text: string, fileName: string | undefined): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(fileName)
    const { place } = error as PlacedSyntaxError // the only other one that it raises
    const [line, column] = (place ?? '').split(':').map(Number)
    const at = line === undefined || column === undefined ? undefined : { line, column }
    throw unreadable(fileName, 'here it stops being JSON', 'Correct it there, or choose another file.', at)
  }
}

function fromYaml(text: string, fileName: string | undefined): unknown {
  const lines = new LineCounter()
  const document = parsedYaml(text, lines, fileName)
  const [error] = document.errors
  if (error !== undefined) {
    if (/call stack/i.test(error.message)) throw tooDeep(fileName)
    const { line, col } = lines.linePos(error.pos[0])
    const remedy = 'Correct it there, or choose another file.'
    const message = lowerFirst(error.message.slice(0, LONGEST_MESSAGE).replace(/\.$/, ''))
    throw unreadable(fileName, message, remedy, { line, column: col })
  }
  const twin = repeatedKey(document)
  if (twin !== undefined) {
    const { line, col } = lines.linePos(twin.at)
    throw unreadable(fileName, `${twin.key} is given twice`, 'Remove one of the two.', { line, column: col })
  }
  if (aliasCount(document) > MOST_ALIASED) throw tooManyAliases(fileName)
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASED })
    // Parts that several places share become several, and what JSON does not have goes.
    return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown)
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(fileName)
    if (error instanceof ReferenceError) throw tooManyAliases(fileName)
    if (error instanceof TypeError)
      throw unreadable(fileName, 'a part of it contains itself', 'Remove the alias that leads back to its own anchor.')
    const reason = error instanceof Error ? lowerFirst(error.message) : 'its parts do not go together'
    throw unreadable(fileName, reason, 'Correct it, or choose another file.')
  }
}

function parsedYaml(text: string, lines: LineCounter, fileName: string | undefined): Document {
  try {
    // Unique keys are looked for afterwards: here it would take the square of their number.
    return parseDocument(text, {
      lineCounter: lines,
      merge: true,
      prettyErrors: false,
      logLevel: 'silent',
      uniqueKeys: false,
    })
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(fileName)
    throw error
  }
}

/** A key that stands twice in one object, and where. */
function repeatedKey(document: Document): { readonly key: string; readonly at: number } | undefined {
  let found: ReturnType<typeof repeatedKey>
  visit(document, {
    Map(_key, map) {
      const seen = new Set<string>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        const name = String(key.value)
        if (seen.has(name) && name !== '<<') {
          found = { key: name.slice(0, LONGEST_MESSAGE), at: key.range?.[0] ?? 0 }
          return visit.BREAK
        }
        seen.add(name)
      }
      return undefined
    },
  })
  return found
}

function aliasCount(document: Document): number {
  let count = 0
  visit(document, (_key, node) => {
    if (isAlias(node)) count++
  })
  return count
}

const tooDeep = (fileName: string | undefined) =>
  unreadable(fileName, `it is nested deeper than ${DEEPEST} levels`, 'No API description is: choose another file.')
const tooManyAliases = (fileName: string | undefined) =>
  unreadable(
    fileName,
    'its aliases lead nowhere, or stand for too much',
    'Write out the parts that the aliases stand for.',
  )

/** Level by level, so that no depth is too deep for the look itself. */
function isDeeperThan(value: unknown, levels: number): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []))
  }
  return false
}

/** JSON is YAML as well, so that one way finds the places in both. */
function findPlaces(text: string): (pointer: string) => Place | undefined {
  if (text.length > LONGEST_PLACED) return () => undefined
  const lines = new LineCounter()
  let document: Document
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent', uniqueKeys: false })
  } catch {
    return () => undefined // a place helps, and is not worth failing for
  }
  return (pointer) => {
    const names = pointer
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    for (let length = names.length; length >= 0; length--) {
      const node: unknown = length === 0 ? document.contents : nodeAt(document, names.slice(0, length))
      const start = isNode(node) ? node.range?.[0] : undefined
      if (start === undefined) continue
      const { line, col } = lines.linePos(start)
      return { line, column: col }
    }
    return undefined
  }
}

function nodeAt(document: Document, path: readonly string[]): unknown {
  try {
    return document.getIn(path, true)
  } catch {
    return undefined // the path leads through something that has no members
  }
}
