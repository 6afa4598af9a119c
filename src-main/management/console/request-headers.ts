import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { HeaderList } from '@shared/console'
import type { FieldError } from '@shared/problem'

/** Headers that follow from the call itself; said by hand they would contradict it (RFC 9112 §6, §9.6). */
const setByUs = new Map([
  ['content-length', 'It is counted from the body.'],
  ['transfer-encoding', 'The body is sent whole, with its length.'],
  ['connection', 'The console opens a connection for each call and closes it.'],
  ['keep-alive', 'The console opens a connection for each call and closes it.'],
  ['upgrade', 'The console speaks HTTP only.'],
  ['expect', 'The body is sent at once.'],
  ['te', 'It is about the connection.'],
  ['trailer', 'The console sends no trailers.'],
])

/** What is wrong with the headers that a person typed, each with its pointer. */
export function headerErrors(headers: HeaderList, pointer: string): FieldError[] {
  const hosts = headers.filter(({ name }) => name.toLowerCase() === 'host')
  return headers.flatMap(({ name, value }, index): FieldError[] => {
    const at = (member: 'name' | 'value') => `${pointer}/${index}/${member}`
    if (name.trim() === '')
      return [{ field: at('name'), message: 'A header has no name', remedy: 'Name it, or remove the line.' }]
    if (!isValid(() => validateHeaderName(name)))
      return [
        {
          field: at('name'),
          message: `${name} is not a header name`,
          remedy: 'Use letters, digits and hyphens; no spaces and no colon.',
        },
      ]
    const reason = setByUs.get(name.toLowerCase())
    if (reason !== undefined)
      return [{ field: at('name'), message: `${name} cannot be set: ${reason}`, remedy: 'Remove the line.' }]
    if (!isValid(() => validateHeaderValue(name, value)))
      return [
        {
          field: at('value'),
          message: `The value of ${name} holds a character that no header may hold`,
          remedy: 'Remove line breaks, control characters and everything outside Latin letters.',
        },
      ]
    if (hosts.length > 1 && name.toLowerCase() === 'host')
      return [{ field: at('name'), message: 'Host is there twice', remedy: 'Keep one of the two.' }]
    return []
  })
}

function isValid(check: () => void): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}
