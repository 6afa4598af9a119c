import type { Configuration } from './configuration'
import type { Flaw } from './key-source'
import { flaw } from './verify'

/** Why the `typ` of a header is not one that is taken (RFC 8725 §3.11); undefined when it is, or is not checked. */
export function typeFlaw(
  { typ }: Readonly<Record<string, unknown>>,
  settings: Configuration['tokenTypValidation'],
): Flaw | undefined {
  if (settings?.enabled !== true) return undefined
  const { ignoreMissing = false, expectedValues = ['JWT'], ignoreCase = false } = settings
  const taken = { label: 'Types that are taken', value: expectedValues.join(', ') }
  if (typ === undefined)
    return ignoreMissing ? undefined : flaw('Its header does not say what type it is (typ)', [taken])
  const same = (one: string) => (ignoreCase ? one.toLowerCase() === String(typ).toLowerCase() : one === typ)
  if (expectedValues.some(same)) return undefined
  return flaw('Its header says that it is of another type (typ)', [
    { label: 'Type of the token', value: String(typ).slice(0, 64) },
    taken,
  ])
}
