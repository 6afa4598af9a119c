import { expect, it } from 'vitest'
import type { RequestRecord } from '@shared/traffic'
import { createRecordBatches } from './record-batches'

const record = (id: number) => ({ id: String(id) }) as RequestRecord // the batches look at none of its members

it('holds at most 4096 records that nobody has taken, and goes on when some are', () => {
  const sent: string[][] = []
  const batches = createRecordBatches((records) => sent.push(records.map(({ id }) => id)))
  for (let id = 0; id < 10_000; id++) batches.add(record(id))
  batches.flush()
  expect(sent.flat()).toHaveLength(4096)
  expect(Math.max(...sent.map((batch) => batch.length))).toBe(256)

  batches.taken(256)
  for (let id = 10_000; id < 11_000; id++) batches.add(record(id))
  batches.flush()
  expect(sent.flat().slice(4096)).toEqual(Array.from({ length: 256 }, (_, index) => String(10_000 + index)))
})
