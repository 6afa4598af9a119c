import { isLookup } from './context'

interface Method {
  readonly parameters: number
  readonly call: (target: unknown, args: readonly unknown[]) => unknown
}

const onText = (parameters: number, call: (text: string, ...args: string[]) => unknown): Method => ({
  parameters,
  call: (target, args) => (typeof target === 'string' ? call(target, ...args.map(textOf)) : null),
})

/** What may be called on a value. `matches` is not here: its pattern is prepared when the expression is parsed. */
const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['startsWith', onText(1, (text, part) => text.startsWith(part!))],
  ['endsWith', onText(1, (text, part) => text.endsWith(part!))],
  ['toLowerCase', onText(0, (text) => text.toLowerCase())],
  ['toUpperCase', onText(0, (text) => text.toUpperCase())],
  ['trim', onText(0, (text) => text.trim())],
  ['equalsIgnoreCase', onText(1, (text, other) => text.toLowerCase() === other!.toLowerCase())],
  ['equals', { parameters: 1, call: (target, [other]) => target === other }],
  ['length', { parameters: 0, call: sizeOf }],
  ['size', { parameters: 0, call: sizeOf }],
  ['isEmpty', { parameters: 0, call: (target) => (sizeOf(target) ?? 0) === 0 }],
  [
    'contains',
    {
      parameters: 1,
      call: (target, [part]) =>
        Array.isArray(target)
          ? target.includes(part)
          : typeof target === 'string'
            ? target.includes(textOf(part))
            : null,
    },
  ],
  [
    'containsKey',
    {
      parameters: 1,
      call: (target, [name]) => (isLookup(target) ? (target.lookup(textOf(name)) ?? null) !== null : null),
    },
  ],
])

export const METHOD_NAMES = [...METHODS.keys(), 'matches']

export function methodNamed(name: string): Method | undefined {
  return METHODS.get(name)
}

function sizeOf(target: unknown): number | null {
  if (typeof target === 'string' || Array.isArray(target)) return target.length
  return isLookup(target) ? target.names().length : null
}

/** A value as it stands in a text; nothing for what is missing. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(textOf).join(',')
  if (typeof value === 'object') return isLookup(value) ? '' : JSON.stringify(value)
  return String(value)
}
