import { startGatehouse } from './gatehouse.ts'
import { type Effort, measure } from './load.ts'
import { createLogins } from './logins.ts'
import { residentMiB } from './process.ts'
import { FORM, rotating } from './tokens.ts'

/** `gatehouse serve`, started anew with so many live refresh tokens in its state. */
export interface LiveTokens {
  readonly count: number
  /** Milliseconds from the start of the process to its ready line. */
  readonly readyMs: number
  /** Resident memory after the start, and after the refreshes, MiB. */
  readonly atRestMiB: number
  readonly afterMiB: number
  /** Of a refresh, milliseconds, with `connections` at a time. */
  readonly p50: number
  readonly p99: number
  readonly perSecond: number
}

/** What many live refresh tokens cost: start-up, memory, and the time of a refresh. */
export async function benchLiveTokens(count: number, effort: Effort): Promise<LiveTokens> {
  const before = await startGatehouse()
  const { authorization, refreshTokens } = await createLogins(before)
  const tokens = await refreshTokens(count)
  const gatehouse = await before.restart()
  try {
    const { readyMs } = gatehouse
    const atRestMiB = residentMiB(gatehouse.pid)
    const [measured] = await measure(
      [
        {
          name: 'gatehouse',
          subject: gatehouse,
          request: {
            url: `${gatehouse.authorization}/${gatehouse.sample.domain}/oauth/token`,
            method: 'POST',
            headers: { ...FORM, authorization },
          },
          // Those of the round before have been rotated: what took their place stands at the end.
          prepare: async () => rotating(tokens),
        },
      ],
      effort,
    )
    const { p50, p99, perSecond } = measured!
    return { count, readyMs, atRestMiB, afterMiB: residentMiB(gatehouse.pid), p50, p99, perSecond }
  } finally {
    await gatehouse.stop()
  }
}
