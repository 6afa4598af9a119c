import type { HeaderList } from '@shared/console'
import type { ExpressionSample } from '@shared/expression-trial'

/** A request and what came of it, as a person edits it: lists with one entry a line. */
export interface SampleForm {
  method: string
  path: string
  headers: string
  body: string
  attributes: string
  status: string
  answerHeaders: string
  answerBody: string
  failureKey: string
  failureMessage: string
}

export function formOf({ method, path, headers, body, attributes, response, error }: ExpressionSample): SampleForm {
  return {
    method: method ?? 'GET',
    path: path ?? '/',
    headers: linesOf(headers),
    body: body ?? '',
    attributes: Object.entries(attributes ?? {}).map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`).join('\n'), // prettier-ignore
    status: response ? String(response.status) : '',
    answerHeaders: linesOf(response?.headers),
    answerBody: response?.body ?? '',
    failureKey: error?.key ?? '',
    failureMessage: error?.message ?? '',
  }
}

/** Without a status there is no answer, as in the request phase, and no failure either. */
export function sampleFrom(form: SampleForm): ExpressionSample {
  const status = /^[1-9]\d\d$/.test(form.status.trim()) ? Number(form.status) : undefined
  const response = { headers: headersIn(form.answerHeaders), body: form.answerBody }
  const error = { key: form.failureKey, message: form.failureMessage }
  return {
    method: form.method,
    path: form.path,
    headers: headersIn(form.headers),
    body: form.body,
    attributes: Object.fromEntries(pairsIn(form.attributes).map(([name, value]) => [name, valueIn(value)])),
    ...(status === undefined ? {} : { response: { status, ...response } }),
    ...(status === undefined || error.key === '' ? {} : { error: { status, ...error } }),
  }
}

const linesOf = (headers: HeaderList = []) => headers.map(({ name, value }) => `${name}: ${value}`).join('\n')
const headersIn = (lines: string): HeaderList => pairsIn(lines).map(([name, value]) => ({ name, value }))

/** Names and values, one a line with a colon between. */
export function pairsIn(lines: string): (readonly [name: string, value: string])[] {
  return lines.split('\n').flatMap((line) => {
    const colon = line.indexOf(':')
    const name = (colon < 0 ? line : line.slice(0, colon)).trim()
    return name === '' ? [] : [[name, colon < 0 ? '' : line.slice(colon + 1).trim()] as const]
  })
}

/** Lists and objects are written as JSON; anything else is a text. */
function valueIn(text: string): unknown {
  if (!/^[[{]/.test(text)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
