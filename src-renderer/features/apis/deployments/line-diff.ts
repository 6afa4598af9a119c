/** A line of two texts side by side: in both, or in one alone. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

/** What is shown of a difference: lines, or how many alike ones are left out. */
export type DiffPart = DiffLine | { readonly kind: 'skipped'; readonly count: number }

/** Lines of context around a difference. */
const CONTEXT = 3
/** Cells of the table of two texts beyond which their middles are told as removed and added whole. */
const LARGEST = 4_000_000

/** The lines of two texts, those that a longest common run of lines holds told once. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [was, is] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < was.length && start < is.length && was[start] === is[start]) start++
  let end = 0
  while (end < was.length - start && end < is.length - start && was.at(-1 - end) === is.at(-1 - end)) end++
  const same = (lines: readonly string[]) => lines.map((text): DiffLine => ({ kind: 'same', text }))
  return [
    ...same(was.slice(0, start)),
    ...middle(was.slice(start, was.length - end), is.slice(start, is.length - end)),
    ...same(was.slice(was.length - end)),
  ]
}

function middle(was: readonly string[], is: readonly string[]): DiffLine[] {
  const width = is.length + 1
  const removed = (text: string): DiffLine => ({ kind: 'removed', text })
  const added = (text: string): DiffLine => ({ kind: 'added', text })
  if ((was.length + 1) * width > LARGEST) return [...was.map(removed), ...is.map(added)]
  /** Length of the longest common run of what follows, for each pair of places. */
  const longest = new Uint32Array((was.length + 1) * width)
  for (let a = was.length - 1; a >= 0; a--)
    for (let b = is.length - 1; b >= 0; b--)
      longest[a * width + b] =
        was[a] === is[b]
          ? longest[(a + 1) * width + b + 1]! + 1
          : Math.max(longest[(a + 1) * width + b]!, longest[a * width + b + 1]!)
  const lines: DiffLine[] = []
  let [a, b] = [0, 0]
  while (a < was.length || b < is.length) {
    if (a < was.length && b < is.length && was[a] === is[b]) {
      lines.push({ kind: 'same', text: was[a]! })
      a++
      b++
    } else if (b === is.length || (a < was.length && longest[(a + 1) * width + b]! >= longest[a * width + b + 1]!))
      lines.push(removed(was[a++]!))
    else lines.push(added(is[b++]!))
  }
  return lines
}

/** The differences with a few lines around each. */
export function withContext(lines: readonly DiffLine[]): DiffPart[] {
  const shown = new Set<number>()
  for (const [index, { kind }] of lines.entries())
    if (kind !== 'same') for (let near = index - CONTEXT; near <= index + CONTEXT; near++) shown.add(near)
  const parts: DiffPart[] = []
  let skipped = 0
  for (const [index, line] of lines.entries()) {
    if (!shown.has(index)) {
      skipped++
      continue
    }
    if (skipped > 0) parts.push({ kind: 'skipped', count: skipped })
    skipped = 0
    parts.push(line)
  }
  if (skipped > 0 && parts.length > 0) parts.push({ kind: 'skipped', count: skipped })
  return parts
}
