import { createHash } from 'node:crypto'

/** As much of a JSON Schema as tells which members there are, and in which order. */
export interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly const?: unknown
}

/** Puts members into a schema's order. */
export type Ordering = <T>(value: T) => T

/** One value a line, the schema's members in its order and unknown ones after them, so that a diff reads well. */
export function formatJson(value: unknown, schema: object = {}): string {
  return orderedText(createOrdering(schema)(value))
}

/** The text of a value that is in order already. */
export function orderedText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/**
 * The value as its own text would be read again: in order, without undefined members, numbers that JSON does not have as null.
 * What is frozen and in order stays the same object, and is known the next time: in a document of ten thousand users, saving one
 * costs that one, and whoever holds the others can tell that they are the same.
 */
export function createOrdering(schema: object): Ordering {
  const known = new WeakSet<object>()

  function order(value: unknown, shape: Shape): unknown {
    if (typeof value === 'number' && !Number.isFinite(value)) return null
    if (!isObject(value) || known.has(value)) return value
    const ordered = Array.isArray(value) ? orderItems(value, shape) : orderMembers(value, shape)
    if (Object.isFrozen(ordered)) known.add(ordered)
    return ordered
  }

  function orderItems(items: readonly unknown[], shape: Shape): readonly unknown[] {
    const ordered = items.map((item) => (item === undefined ? null : order(item, shape.items ?? {})))
    return Object.isFrozen(items) && ordered.every((item, index) => item === items[index]) ? items : ordered
  }

  function orderMembers(value: Readonly<Record<string, unknown>>, shape: Shape): Readonly<Record<string, unknown>> {
    const members = shapeFor(value, shape).properties ?? {}
    const before = Object.keys(value)
    const names = [
      ...Object.keys(members).filter((name) => Object.hasOwn(value, name)),
      ...before.filter((name) => !Object.hasOwn(members, name)),
    ].filter((name) => value[name] !== undefined)
    const ordered = names.map((name) => order(value[name], members[name] ?? {}))
    const isSame =
      Object.isFrozen(value) &&
      names.length === before.length &&
      names.every((name, index) => name === before[index] && ordered[index] === value[name])
    return isSame ? value : Object.fromEntries(names.map((name, index) => [name, ordered[index]]))
  }

  return (value) => order(value, schema as Shape) as typeof value // the same value in another order
}

/** Of a union the branch whose constant members are those of the value. */
export function shapeFor(value: Readonly<Record<string, unknown>>, shape: Shape): Shape {
  if (shape.anyOf === undefined) return shape
  const fits = (branch: Shape) =>
    Object.entries(branch.properties ?? {}).every(
      ([name, member]) => !('const' in member) || member.const === value[name],
    )
  return shape.anyOf.find(fits) ?? {}
}

/** A syntax error that knows its place. */
export interface PlacedSyntaxError extends SyntaxError {
  /** line:column, counted from 1; absent when that cannot be told. */
  readonly place?: string
}

/** Parses JSON. @throws PlacedSyntaxError */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const place = syntaxErrorPlace(text, error)
    throw Object.assign(error as SyntaxError, place === undefined ? {} : { place })
  }
}

/** Where the text stops being JSON, as line:column counted from 1; undefined when that cannot be told. */
function syntaxErrorPlace(text: string, error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : ''
  const position = /at position (\d+)/.exec(message)?.[1]
  const at = position !== undefined ? Number(position) : /end of JSON input/.test(message) ? text.length : undefined
  if (at === undefined) return placeOfToken(text, message)
  const before = text.slice(0, at).split('\n')
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}

/** V8 tells some errors by the token and the text around it only. */
function placeOfToken(text: string, message: string): string | undefined {
  const around = /Unexpected token '(.)', (?:\.\.\.)?"([\s\S]*?)"(?:\.\.\.)? is not valid JSON/.exec(message)
  const start = around?.[2] === undefined ? -1 : text.indexOf(around[2])
  if (start < 0 || around === null) return undefined
  const before = text.slice(0, start + Math.max(0, around[2]!.indexOf(around[1]!))).split('\n')
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}

/** The same text has the same fingerprint; 16 hex digits of its SHA-256. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Freezes a plain value all the way down. */
export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    if (Array.isArray(value)) for (const item of value as unknown[]) freeze(item)
    else for (const name in value) freeze(value[name])
  }
  return value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
