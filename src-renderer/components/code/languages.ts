import { StreamLanguage, type StreamParser } from '@codemirror/language'
import { groovy } from '@codemirror/legacy-modes/mode/groovy'
import { javascript, json } from '@codemirror/legacy-modes/mode/javascript'
import { html, xml } from '@codemirror/legacy-modes/mode/xml'
import { yaml } from '@codemirror/legacy-modes/mode/yaml'
import type { Extension } from '@codemirror/state'
import { tags } from '@lezer/highlight'

/** What a text may be written in, as policies of Gravitee name it. */
export type CodeLanguage = 'json' | 'xml' | 'html' | 'javascript' | 'groovy' | 'graphql' | 'yaml'

/**
 * Readers that take a text line by line and mind no mistake: an expression may stand anywhere in a document, and a parser of the whole
 * would stop there.
 */
const parsers: Partial<Record<CodeLanguage, StreamParser<unknown>>> = { json, xml, html, javascript, groovy, yaml }

/** Nothing for a language that is shown as plain text. */
export function languageOf(language: CodeLanguage | undefined): Extension {
  const parser = language && parsers[language]
  return parser ? StreamLanguage.define({ ...parser, tokenTable: { property: tags.propertyName } }) : []
}
