import type { ApiDefinition } from '@shared/api-definition'
import { escapePointer } from '@shared/json-pointer'
import { ExpressionError } from './expression/expression-error'
import { expressionsIn } from './expression/template'
import type { Token } from './expression/tokens'

/** Where a definition names a dictionary. */
export interface DictionaryReference {
  readonly dictionary: string
  /** JSON pointer into the definition. */
  readonly pointer: string
}

/** A definition never changes, and is looked through for every snapshot that it is part of. */
const known = new WeakMap<ApiDefinition, readonly DictionaryReference[]>()

/** Members in which an expression is text for a reader. */
const WORDS = ['name', 'description', 'id', 'key']

/**
 * The dictionaries that the expressions of a definition name. What is switched off names none, and one that is chosen by a value of
 * the request is not known before there is a request.
 */
export function dictionaryReferences(definition: ApiDefinition): readonly DictionaryReference[] {
  const before = known.get(definition)
  if (before !== undefined) return before
  const found: DictionaryReference[] = []
  const walk = (value: unknown, pointer: string): void => {
    if (typeof value === 'string') {
      if (!value.includes('dictionaries')) return
      for (const dictionary of namedIn(value)) found.push({ dictionary, pointer })
    } else if (typeof value === 'object' && value !== null && (value as { enabled?: unknown }).enabled !== false) {
      for (const [name, member] of Object.entries(value))
        if (!WORDS.includes(name) || typeof member !== 'string') walk(member, `${pointer}/${escapePointer(name)}`)
    }
  }
  const { flows, plans, endpointGroups, failover, responseTemplates } = definition
  const parts = { flows, plans, endpointGroups, failover, responseTemplates }
  // Few APIs name any, and a pointer to every member of a thousand others costs more than their text.
  if (JSON.stringify(parts).includes('dictionaries'))
    for (const [name, part] of Object.entries(parts)) walk(part, `/${name}`)
  known.set(definition, found)
  return found
}

/** Whether any expression may reach a dictionary, by whatever name. */
export function readsDictionaries(definition: ApiDefinition): boolean {
  return /#\s*dictionaries\b/.test(JSON.stringify(definition))
}

function namedIn(text: string): ReadonlySet<string> {
  const names = new Set<string>()
  try {
    for (const { tokens } of expressionsIn(text)) {
      tokens.forEach((token, index) => {
        const name = token.value === 'dictionaries' && isSymbol(tokens[index - 1], '#') ? nameAfter(tokens, index + 1) : undefined // prettier-ignore
        if (name !== undefined) names.add(name)
      })
    }
  } catch (error) {
    // What cannot be read is refused for that.
    if (!(error instanceof ExpressionError)) throw error
  }
  return names
}

/** `['name']`, `.name` or `.get('name')`. */
function nameAfter(tokens: readonly Token[], at: number): string | undefined {
  const [first, second, third, fourth] = tokens.slice(at, at + 4)
  if (isSymbol(first, '[') && second?.kind === 'text' && isSymbol(third, ']')) return second.value
  if (!(isSymbol(first, '.') || isSymbol(first, '?.')) || second?.kind !== 'name') return undefined
  if (!isSymbol(third, '(')) return second.value
  return second.value === 'get' && fourth?.kind === 'text' ? fourth.value : undefined
}

const isSymbol = (token: Token | undefined, value: string) => token?.kind === 'symbol' && token.value === value
