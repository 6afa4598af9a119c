import type { ImportFormat } from '@shared/user-import'
import { fieldInvalid } from '../../problems'
import { readCsv } from './read-csv'
import { readJson } from './read-json'
import type { ReadFile } from './row'

/** Users in one import at the most: a domain holds tens of thousands, and a file of more is likely another file. */
const MOST_ROWS = 50_000

/**
 * Reads a file of users. The format is told by the content when it is not given: JSON begins with a bracket or a brace.
 *
 * @throws ProblemError INPUT_INVALID for what makes the file useless as a whole
 */
export function readFile({
  content,
  format = formatOf(content),
}: {
  content: string
  format?: ImportFormat
}): ReadFile & {
  readonly format: ImportFormat
} {
  if (content.includes('\uFFFD') || content.includes('\u0000')) {
    throw fieldInvalid('/content', 'The file is not UTF-8 text', 'Save it as UTF-8 (in a spreadsheet: CSV UTF-8).')
  }
  const file = format === 'json' ? readJson(content) : readCsv(content)
  if (file.rows.length === 0)
    throw fieldInvalid('/content', 'The file holds no users', 'Choose a file with at least one.')
  if (file.rows.length > MOST_ROWS) {
    const message = `The file holds ${file.rows.length} users; an import takes at most ${MOST_ROWS}`
    throw fieldInvalid('/content', message, 'Import it in parts.')
  }
  return { ...file, format }
}

function formatOf(content: string): ImportFormat {
  return /^\uFEFF?\s*[[{]/.test(content) ? 'json' : 'csv'
}
