/** A piece of a line: plain, code, emphasised or bold. Links keep their words and lose their address: nothing leaves the window. */
export type Inline = { readonly kind: 'text' | 'code' | 'em' | 'strong'; readonly text: string }

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly content: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'code'; readonly text: string }
  | {
      readonly kind: 'table'
      readonly head: readonly (readonly Inline[])[]
      readonly rows: readonly (readonly (readonly Inline[])[])[]
    }

/** Reads the markdown that guides are written in; what it does not know stays as the text it is. */
export function readMarkdown(text: string): Block[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const blocks: Block[] = []
  let at = 0
  const take = (matches: (line: string) => boolean): string[] => {
    const from = at
    while (at < lines.length && matches(lines[at]!)) at += 1
    return lines.slice(from, at)
  }
  while (at < lines.length) {
    const line = lines[at]!
    const heading = /^(#{1,4}) (.+)$/.exec(line)
    if (line.trim() === '') at += 1
    else if (line.startsWith('```')) {
      at += 1
      blocks.push({ kind: 'code', text: take((each) => !each.startsWith('```')).join('\n') })
      at += 1
    } else if (heading) {
      at += 1
      blocks.push({ kind: 'heading', level: heading[1]!.length, content: inline(heading[2]!) })
    } else if (isItem(line)) {
      const items: string[] = []
      for (const each of take((next) => isItem(next) || /^\s+\S/.test(next)))
        if (isItem(each)) items.push(each.replace(item, ''))
        else items[items.length - 1] += ` ${each.trim()}`
      blocks.push({ kind: 'list', ordered: /^\d/.test(line), items: items.map(inline) })
    } else if (line.startsWith('|')) {
      const rows = take((each) => each.startsWith('|'))
        .filter((each) => !/^\|[\s:|-]+\|?$/.test(each))
        .map((row) =>
          row
            .replace(/^\||\|\s*$/g, '')
            .split('|')
            .map((cell) => inline(cell.trim())),
        )
      blocks.push({ kind: 'table', head: rows[0] ?? [], rows: rows.slice(1) })
    } else {
      const words = take((each) => each.trim() !== '' && !isItem(each) && !/^(#{1,4} |```|\|)/.test(each))
      blocks.push({ kind: 'paragraph', content: inline(words.join(' ')) })
    }
  }
  return blocks
}

const item = /^(?:[-*]|\d+\.) /
const isItem = (line: string) => item.test(line)

function inline(text: string): Inline[] {
  const plain = text.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
  return plain.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s](?:[^*]*[^*\s])?\*)/).flatMap((part): Inline[] => {
    if (part === '') return []
    if (part.startsWith('`') && part.endsWith('`') && part.length > 1)
      return [{ kind: 'code', text: part.slice(1, -1) }]
    if (part.startsWith('**') && part.length > 4) return [{ kind: 'strong', text: part.slice(2, -2) }]
    if (/^\*[^*]+\*$/.test(part)) return [{ kind: 'em', text: part.slice(1, -1) }]
    return [{ kind: 'text', text: part }]
  })
}
