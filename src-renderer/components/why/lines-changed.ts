/** One line of two texts laid over each other. */
export interface ChangedLine {
  readonly kind: 'kept' | 'removed' | 'added'
  readonly text: string
}

/** Lines of each text; longer ones are told as removed and added as a whole. */
const MOST = 200

/** What went and what came between two texts, line by line; JSON is laid out first. */
export function linesChanged(before: string, after: string): ChangedLine[] {
  const [a, b] = [laidOut(before), laidOut(after)]
  if (a.length > MOST || b.length > MOST) return [...whole('removed', a), ...whole('added', b)]
  return merged(a, b, commonLengths(a, b))
}

function laidOut(text: string): string[] {
  if (text === '') return []
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2).split('\n')
  } catch {
    return text.split('\n')
  }
}

const whole = (kind: ChangedLine['kind'], lines: readonly string[]) => lines.map((text) => ({ kind, text }))

/** Of each pair of line numbers, how many lines the rests have in common. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i]![j] = a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
  return lengths
}

function merged(a: readonly string[], b: readonly string[], lengths: readonly number[][]): ChangedLine[] {
  const lines: ChangedLine[] = []
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ kind: 'kept', text: a[i]! })
      i++
      j++
    } else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) lines.push({ kind: 'removed', text: a[i++]! })
    else lines.push({ kind: 'added', text: b[j++]! })
  }
  return [...lines, ...whole('removed', a.slice(i)), ...whole('added', b.slice(j))]
}
