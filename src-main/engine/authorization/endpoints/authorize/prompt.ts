import type { Form } from '../../http/form'
import { malformed } from '../../http/oauth-refusal'

/** OpenID Connect Core §3.1.2.1 */
export const prompts = ['none', 'login', 'consent', 'select_account'] as const
export type Prompt = (typeof prompts)[number]

/** @throws OAuthRefusal `invalid_request` */
export function readPrompts(form: Form): ReadonlySet<Prompt> {
  const words = (form.get('prompt') ?? '').split(' ').filter((word) => word !== '')
  const unknown = words.find((word) => !prompts.some((prompt) => prompt === word))
  if (unknown !== undefined) {
    throw malformed('PROMPT_UNKNOWN', `The parameter prompt takes ${prompts.join(', ')}`, {
      source: 'OpenID Connect Core §3.1.2.1',
      evidence: [{ label: 'prompt', value: unknown.slice(0, 64) }],
    })
  }
  const asked = new Set(words as Prompt[]) // each was just found among them
  if (asked.has('none') && asked.size > 1) {
    throw malformed('PROMPT_NONE_WITH_OTHERS', 'The prompt none cannot be asked for together with another one', {
      source: 'OpenID Connect Core §3.1.2.1',
      evidence: [{ label: 'prompt', value: [...asked].join(' ') }],
    })
  }
  return asked
}

/**
 * How long ago the login may be at the most, seconds; undefined when it does not matter.
 *
 * @throws OAuthRefusal `invalid_request`
 */
export function readMaxAge(form: Form): number | undefined {
  const text = form.get('max_age')
  if (text === undefined) return undefined
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw malformed('MAX_AGE_MALFORMED', 'The parameter max_age must be a number of seconds, 0 or more', {
    source: 'OpenID Connect Core §3.1.2.1',
    evidence: [{ label: 'max_age', value: text.slice(0, 64) }],
  })
}
