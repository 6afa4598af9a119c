/**
 * The lines on which the elements of lists begin in a JSON text: those of the text's own list under '', those of the lists that are
 * members of its object under their names. The text is known to be JSON.
 */
export function elementLines(text: string): ReadonlyMap<string, readonly number[]> {
  const lines = new Map<string, number[]>()
  const open: string[] = []
  let line = 1
  let name = ''
  let lastText = ''
  /** The next value is an element of the list that is looked at. */
  let begins = false
  let list = ''

  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (character === '\n') line++
    if (/\s/.test(character)) continue
    if (begins && character !== ']') {
      lines.get(list)!.push(line)
      begins = false
    }
    switch (character) {
      case '"': {
        const end = endOfText(text, at)
        lastText = text.slice(at + 1, end)
        at = end
        break
      }
      case ':':
        if (open.length === 1) name = lastText
        break
      case '[':
        if (open.length === 0 || (open.length === 1 && open[0] === '{')) {
          list = open.length === 0 ? '' : name
          lines.set(list, [])
          begins = true
        }
        open.push(character)
        break
      case '{':
        open.push(character)
        break
      case ']':
      case '}':
        begins = false
        open.pop()
        break
      case ',':
        begins = open.at(-1) === '[' && (open.length === 1 || (open.length === 2 && open[0] === '{'))
        break
    }
  }
  return lines
}

/** Where the quote is that ends a text. */
function endOfText(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
