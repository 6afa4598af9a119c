import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openLevelState } from '../state'
import { createAuthorization } from './index'

it('starts without looking at tokens, of which there may be hundreds of thousands: it reads the revocations and the logins under way, which are bounded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-start-'))
  const state = await openLevelState(folder)
  const read: string[] = []
  const authorization = await createAuthorization({
    state: {
      ...state,
      async *entries(prefix, options) {
        read.push(prefix)
        yield* state.entries(prefix, options)
      },
      // Goes through all of them: it must not be waited for.
      purge: () => new Promise(() => undefined),
    },
    address: () => undefined,
    publicAddress: () => undefined,
    onRecord: () => undefined,
    traceKey: 'x',
    tracesAll: () => false,
  })
  expect(read).toEqual(['revocation/', 'transaction/'])
  await authorization.close()
  await state.close()
  await rm(folder, { recursive: true, force: true })
})
