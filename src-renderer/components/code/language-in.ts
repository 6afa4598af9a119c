import type { CodeLanguage } from './languages'

/** What a document seems to be written in, by how it begins; as the mock policy tells it for its Content-Type. */
export function languageIn(text: string): CodeLanguage | undefined {
  if (/^\s*(?:\{(?!\s*[#(!]|T\()|\[)/.test(text)) return 'json'
  if (/^\s*<(?:!doctype html|html)\b/i.test(text)) return 'html'
  return /^\s*</.test(text) ? 'xml' : undefined
}
