/** Elements within elements; nesting is kept in a list, and what is made of it is walked by functions that call themselves. */
const MAX_DEPTH = 256
const TAG = /<(?:(\/)([^\s/>]+)\s*|([^\s/>!?]+)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/)?)>/y
const ATTRIBUTE = /([^\s=/>]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

interface Element {
  readonly name: string
  readonly members: Map<string, unknown[]>
  text: string
}

/**
 * An XML document as plain values, the root element as the one member: attributes and children by name, a list where there are several,
 * and an element with nothing but text as that text; text beside other things is `content`. A document type is not read, so that no
 * entity of one can grow or reach out.
 *
 * @returns null for what is not well formed
 */
export function readXml(text: string): Readonly<Record<string, unknown>> | null {
  const document: Element = { name: '', members: new Map(), text: '' }
  const open: Element[] = [document]
  let at = 0
  while (at < text.length) {
    const current = open.at(-1)!
    const mark = text.indexOf('<', at)
    current.text += decoded(text.slice(at, mark === -1 ? undefined : mark))
    if (mark === -1) break
    const skipped = skip(text, mark)
    if (skipped === null) return null
    if (skipped !== undefined) {
      if (skipped.text !== undefined) current.text += skipped.text
      at = skipped.next
      continue
    }
    TAG.lastIndex = mark
    const tag = TAG.exec(text)
    if (tag === null) return null
    at = TAG.lastIndex
    const [, closes, closed, opened, attributes = '', empty] = tag
    if (closes !== undefined) {
      if (open.length === 1 || current.name !== closed) return null
      open.pop()
      put(open.at(-1)!, current.name, valueOf(current))
      continue
    }
    const element: Element = { name: opened!, members: new Map(), text: '' }
    for (const [, name, double, single] of attributes.matchAll(ATTRIBUTE))
      put(element, name!, decoded(double ?? single!))
    if (empty !== undefined) put(current, element.name, valueOf(element))
    else if (open.push(element) > MAX_DEPTH) return null
  }
  if (open.length !== 1 || document.members.size !== 1 || document.text.trim() !== '') return null
  return membersOf(document)
}

/** What is passed over: declarations, instructions, comments; and character data, which is text. Null for what is not accepted. */
function skip(text: string, at: number): { next: number; text?: string } | null | undefined {
  const passed = (start: string, end: string) => {
    if (!text.startsWith(start, at)) return undefined
    const found = text.indexOf(end, at + start.length)
    return found === -1 ? null : { next: found + end.length, inner: text.slice(at + start.length, found) }
  }
  const data = passed('<![CDATA[', ']]>')
  if (data !== undefined) return data && { next: data.next, text: data.inner }
  const other = passed('<?', '?>') ?? passed('<!--', '-->')
  if (other !== undefined) return other
  return text.startsWith('<!', at) ? null : undefined
}

function put({ members }: Element, name: string, value: unknown): void {
  const values = members.get(name)
  if (values === undefined) members.set(name, [value])
  else values.push(value)
}

function valueOf(element: Element): unknown {
  if (element.members.size === 0) return element.text.trim()
  const text = element.text.trim()
  return text === '' ? membersOf(element) : { ...membersOf(element), content: text }
}

const membersOf = ({ members }: Element): Record<string, unknown> =>
  Object.fromEntries([...members].map(([name, values]) => [name, values.length === 1 ? values[0] : values]))

function decoded(text: string): string {
  return text.includes('&')
    ? text.replace(
        /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g,
        (all, decimal: string, hex: string, name: string) => {
          if (name !== undefined) return ENTITIES[name] ?? all
          const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
          return code > 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : ''
        },
      )
    : text
}
