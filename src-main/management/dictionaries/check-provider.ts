import type { DictionaryProvider } from '@shared/dictionary'
import type { FieldError } from '@shared/problem'
import { parseSecretReference } from '@shared/secret-reference'
import { headerErrors } from '../console/request-headers'
import { asEntries, entryErrors } from './values'

/** What is wrong with where a dictionary is to get its entries. */
export function providerErrors(dictionaryId: string, { configuration }: DictionaryProvider): FieldError[] {
  const at = '/provider/configuration'
  const { url, headers = [] } = configuration
  // A secret that is sealed was judged when it was typed.
  const typed = headers.map(({ name, value }) => ({ name, value: parseSecretReference(value) ? '' : value }))
  const entries = entryErrors(dictionaryId, asEntries(headers)).filter(({ field }) => !field.endsWith('/key'))
  return [
    ...addressErrors(url.trim(), `${at}/url`),
    ...headerErrors(typed, `${at}/headers`),
    ...entries.map((error) => ({ ...error, field: error.field.replace('/properties', `${at}/headers`) })),
  ]
}

function addressErrors(text: string, field: string): FieldError[] {
  const wrong = (message: string, remedy: string) => [{ field, message, remedy }]
  const example = 'Give an address such as http://127.0.0.1:3000/tenants.json.'
  if (!URL.canParse(text)) return wrong(`${text === '' ? 'Nothing' : text} is not an address`, example)
  const { protocol, username, password, hash } = new URL(text)
  if (protocol !== 'http:' && protocol !== 'https:') return wrong(`Entries are asked for by http or https, not by ${protocol.slice(0, -1)}`, example) // prettier-ignore
  if (username !== '' || password !== '') return wrong('An address may not carry credentials', 'Leave them out, and add an Authorization header that is a secret.') // prettier-ignore
  return hash === '' ? [] : wrong('An address may not carry a # part', 'Leave it out.')
}
