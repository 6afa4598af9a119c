import type { Fault } from '@shared/problem'

export interface CsvRecord {
  /** Where it begins, counted from 1: a quoted cell may hold line breaks. */
  readonly line: number
  readonly cells: readonly string[]
  /** It breaks the rules of RFC 4180, and its cells are a guess. */
  readonly fault?: Fault
}

const SEPARATORS = [',', ';', '\t'] as const

/**
 * Reads comma-separated values (RFC 4180). Takes what spreadsheets write: any line break, a byte order mark, semicolons or tabs where
 * the first line has more of them. Empty lines are no records.
 */
export function parseCsv(text: string): CsvRecord[] {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text
  const separator = separatorOf(body)
  const records: CsvRecord[] = []
  let at = 0
  let line = 1
  while (at < body.length) {
    const record = { line, cells: [] as string[], fault: undefined as Fault | undefined }
    for (;;) {
      const cell = body[at] === '"' ? quotedCell(body, at) : plainCell(body, at, separator)
      record.cells.push(cell.value)
      record.fault ??= cell.fault
      line += lineBreaks(cell.value)
      at = cell.end
      if (body[at] !== separator) break
      at++
    }
    // Whatever stands behind a closing quote belongs to nothing.
    const rest = /^[^\r\n]*/.exec(body.slice(at))![0]
    if (rest !== '') record.fault ??= { message: 'Text stands behind a closing quote', remedy: DOUBLED }
    at += rest.length
    at += body[at] === '\r' && body[at + 1] === '\n' ? 2 : 1
    line++
    const isEmpty = record.cells.length === 1 && record.cells[0] === ''
    const { fault, ...good } = record
    if (!isEmpty) records.push(fault === undefined ? good : { ...good, fault })
  }
  return records
}

const DOUBLED = 'Put the whole cell in quotes, and write a quote within it twice.'

interface Cell {
  readonly value: string
  readonly end: number
  readonly fault?: Fault
}

function quotedCell(text: string, start: number): Cell {
  let value = ''
  let from = start + 1
  for (;;) {
    const quote = text.indexOf('"', from)
    if (quote < 0) {
      const fault = { message: 'A quoted cell does not end', remedy: 'Close it with a quote.' }
      return { value: value + text.slice(from), end: text.length, fault }
    }
    value += text.slice(from, quote)
    if (text[quote + 1] !== '"') return { value, end: quote + 1 }
    value += '"'
    from = quote + 2
  }
}

function plainCell(text: string, start: number, separator: string): Cell {
  let end = start
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++
  const value = text.slice(start, end)
  if (!value.includes('"')) return { value, end }
  return { value, end, fault: { message: 'A quote stands in a cell that is not quoted', remedy: DOUBLED } }
}

function separatorOf(text: string): string {
  const [header = ''] = /^[^\r\n]*/.exec(text) ?? []
  const count = (separator: string) => header.split(separator).length
  return SEPARATORS.reduce((most, separator) => (count(separator) > count(most) ? separator : most))
}

function lineBreaks(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0
}
