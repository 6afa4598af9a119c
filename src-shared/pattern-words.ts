import { ConsoleRequest } from '@shared/console'
import { DictionaryKey } from '@shared/dictionary'
import { Application, Branding, DomainPath, ScopeKey, User } from '@shared/domain'
import { PublicAddress } from '@shared/workspace'

/** What a pattern of the contract or of a configuration means: how a value that breaks it reads, and what to do. */
export const patternWords: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['\\S', ['holds nothing but spaces', 'Type a name.']],
  ['^/', ['must start with a slash', 'Put a / in front.']],
  ['^https?://', ['must start with http:// or https://', 'Give an address such as http://localhost:8092.']],
  [
    patternOf(PublicAddress),
    [
      'must be http:// or https:// with a host, and nothing behind its port',
      'Give an address such as https://login.example.com.',
    ],
  ],
  ['^[^\\s/?#]+$', ['may hold neither spaces nor /, ? or #', 'Use a word such as demo.']],
  [
    patternOf(ScopeKey),
    ['may hold neither spaces, quotes nor backslashes, and only ASCII (RFC 6749 §3.3)', 'Use a word such as read.'],
  ],
  [
    patternOf(DomainPath),
    [
      'may hold only small letters, digits and hyphens, and no hyphen at either end',
      'Use a word such as demo or my-domain.',
    ],
  ],
  [
    patternOf(DictionaryKey),
    ['may hold only small letters, digits and single hyphens between them', 'Use a word such as tenants.'],
  ],
  [
    patternOf(Application.properties.clientId),
    ['may hold neither spaces nor anything but ASCII characters', 'Use letters, digits and signs, such as my-app.'],
  ],
  [
    patternOf(User.properties.username),
    ['holds control characters, or nothing but spaces', 'Type a name such as ada or ada@example.org.'],
  ],
  [
    patternOf(Branding.properties.logo),
    ['is not a picture as a data: address in Base64', 'Give a PNG, JPEG, WebP or SVG, as data:image/png;base64,…'],
  ],
  [patternOf(Branding.properties.color), ['is not a colour', 'Give six hexadecimal digits, such as #284bdb.']],
  [patternOf(ConsoleRequest.properties.method), ['is not an HTTP method', 'Use GET, POST or the like.']],
])

/** TypeBox keeps a text's options on the schema, but not in its type. */
function patternOf(schema: object): string {
  return 'pattern' in schema ? String(schema.pattern) : ''
}
