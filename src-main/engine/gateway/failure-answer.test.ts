import { expect, it } from 'vitest'
import { challengeExamples } from '@shared/challenge-examples'
import { createFailures } from '../policies/oauth2/failures'
import type { TokenAuthority } from '../resources/resource'
import { answerOf } from './failure-answer'

const authority: TokenAuthority = {
  kind: 'token-authority',
  name: 'am-demo',
  type: 'oauth2-am-resource',
  userClaim: 'sub',
  introspect: () => ({ outcome: 'inactive', inProcess: true }),
}
const failures = createFailures(
  { apiId: 'echo', apiName: 'Echo', flow: 0, flowName: 'All', phase: 'request', step: 0, path: '/' },
  ['read'],
)

it.each(challengeExamples)('challenges in the style $style as the window tells of it', (example) => {
  const withoutToken = answerOf(failures.missingHeader(authority, undefined), example.style)
  const withoutScope = answerOf(
    failures.insufficientScope(authority, ['read'], ['write'], true, undefined),
    example.style,
  )
  expect(withoutToken).toMatchObject(example.withoutToken)
  expect(withoutScope).toMatchObject(example.withoutScope)
})
