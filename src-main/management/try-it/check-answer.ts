import type { MessageParameter, TryItAnswer, TryItCheck } from '@shared/try-it'

/** What an application compares an authorization response with. */
interface Expected {
  readonly state: string
  readonly issuer: string
}

/**
 * Judges an authorization response as an application has to: is it to the request that it made, from the server that it asked, and
 * is there a code in it. The code is answered only when all of that is so.
 */
export function checkAnswer(
  parameters: readonly MessageParameter[],
  { state, issuer }: Expected,
): { readonly answer: TryItAnswer; readonly code: string | undefined } {
  const valueOf = (wanted: string) => parameters.find(({ name }) => name === wanted)?.value
  const code = valueOf('code')
  const error = valueOf('error')
  const errorDescription = valueOf('error_description')
  const checks = [checkState(valueOf('state'), state), checkIssuer(valueOf('iss'), issuer)]
  const isBelieved = checks.every(({ ok }) => ok) && error === undefined
  const usable = isBelieved ? code : undefined
  return {
    answer: {
      checks,
      code: usable !== undefined,
      ...(error === undefined ? {} : { error }),
      ...(errorDescription === undefined ? {} : { errorDescription }),
    },
    code: usable,
  }
}

function checkState(given: string | undefined, expected: string): TryItCheck {
  const rule = { title: 'state', source: 'RFC 6749 §10.12' }
  if (given === expected)
    return { ...rule, ok: true, sentence: 'It is the one that was sent: the answer is to this very request.' }
  return {
    ...rule,
    ok: false,
    sentence:
      given === undefined
        ? 'There is none: nobody can say to which request this is the answer, so it is not used.'
        : 'It is another one than was sent: the answer is to another request, so it is not used.',
  }
}

function checkIssuer(given: string | undefined, expected: string): TryItCheck {
  const rule = { title: 'iss', source: 'RFC 9207 §2.4' }
  if (given === expected)
    return { ...rule, ok: true, sentence: `It is ${expected}: the answer is from the server that was asked.` }
  return {
    ...rule,
    ok: false,
    sentence:
      given === undefined
        ? `There is none, where ${expected} was to be expected, so the answer is not used.`
        : `It is ${given} where ${expected} was to be expected: the answer is from another server, and not used.`,
  }
}
