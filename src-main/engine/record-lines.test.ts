import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RequestRecord, type Remedy, type TraceStep } from '@shared/traffic'
import { packRecords, recordLine, unpackRecords } from './record-lines'

const text = fc.string({
  unit: fc.constantFrom(...'aZ09/-_%é \u2028"\\\u0000\n\t', '\ud83d\ude00', '\ud83d', ',\n', '}{'),
})
const members = {
  id: text,
  server: fc.constantFrom('gateway' as const, 'authorization' as const),
  at: fc.integer({ min: 0 }),
  method: text,
  path: text,
  status: fc.integer({ min: 0, max: 599 }),
  durationMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
  outcome: fc.constantFrom('answered' as const, 'refused' as const, 'failed' as const, 'aborted' as const),
  apiId: text,
  apiName: text,
  revision: fc.integer(),
  domainPath: text,
  clientId: text,
  endpoint: text,
  inProcess: fc.boolean(),
  introspections: fc.array(fc.record({ domainPath: text, durationMs: fc.double({ min: 0, max: 1e9, noNaN: true }) })),
  grantType: text,
  userId: text,
  username: text,
  proven: fc.constant(true as const),
  summary: text,
  refusal: fc.record({
    key: text,
    status: fc.integer(),
    sentence: text,
    evidence: fc.array(fc.record({ label: text, value: text })),
    remedies: fc.constant<Remedy[]>([]),
  }),
  trace: fc.constant<TraceStep[]>([]),
  carried: fc.record({ query: text, headers: fc.constant<{ name: string; value: string }[]>([]) }),
  seq: fc.integer(),
}
const wild = fc.record(members, {
  requiredKeys: ['id', 'server', 'at', 'method', 'path', 'status', 'durationMs', 'outcome'],
})
/** Nearly all records are such, and they are written by hand. */
const plain = wild.map(({ id, at, method, path, status, durationMs, outcome, apiId, clientId, introspections }) => ({
  ...{ id, server: 'gateway' as const, at, method, path, status, durationMs, outcome },
  ...{ apiId: apiId ?? 'api', apiName: path, revision: 1 },
  ...(clientId === undefined ? {} : { clientId }),
  ...(introspections === undefined ? {} : { introspections }),
}))
/** As JSON has it: a lone surrogate is escaped, and comes back as it was. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

it('says the same as JSON, whatever stands in a record', () => {
  fc.assert(
    fc.property(fc.oneof(plain, wild), (record) => {
      expect(JSON.parse(recordLine(record))).toEqual(asJson(record))
    }),
    { numRuns: 3000 },
  )
})

it('gives back each record and its line', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(plain, wild), { minLength: 1 }), (records) => {
      const { records: back, lines } = unpackRecords(packRecords(records))
      expect(back).toEqual(asJson(records))
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(asJson(records))
    }),
    { numRuns: 300 },
  )
})

it('knows every member that a record may have', () => {
  expect(Object.keys(members).sort()).toEqual(Object.keys(RequestRecord.properties).sort())
  const [record] = fc.sample(plain, 1)
  const [all] = fc.sample(fc.record(members), 1)
  for (const [name, value] of Object.entries(all!))
    expect(JSON.parse(recordLine({ ...record!, [name]: value }))).toHaveProperty(name)
})
