import fc from 'fast-check'
import { expect, it } from 'vitest'
import { domain, user } from './authorization/testing'
import { api } from './gateway/testing'
import type { ApiSnapshot, Snapshot, UserSnapshot } from './snapshot'
import { packSnapshot, unpackSnapshot } from './snapshot-message'
import { snapshot } from './testing/snapshots'

const everybody = Array.from({ length: 20 }, (_, index) => user({ id: `user-${index}`, username: `user${index}` }))
const withUsers = (...users: readonly (readonly UserSnapshot[])[]): Snapshot =>
  snapshot('http://127.0.0.1:1', 1, {
    domains: users.map((each, index) => domain({ id: `domain-${index}`, path: `domain-${index}`, users: each })),
  })
/** What arrives in the worker. */
const sent = (next: Snapshot, before?: Snapshot) => structuredClone(packSnapshot(next, before))

it('arrives as it was sent, whatever came, went, moved or changed in between', () => {
  const users = fc
    .array(fc.tuple(fc.nat(everybody.length - 1), fc.boolean()), { maxLength: 30 })
    .map((picked) =>
      picked.map(([index, isNew]) => (isNew ? { ...everybody[index]!, mayLogIn: false } : everybody[index]!)),
    )
  const snapshots = fc.array(users, { maxLength: 3 }).map((each) => withUsers(...each))
  fc.assert(
    fc.property(snapshots, snapshots, (before, next) => {
      const inWorker = unpackSnapshot(sent(before), undefined)
      expect(unpackSnapshot(sent(next, before), inWorker)).toMatchObject({ ...next, domains: next.domains })
      expect(unpackSnapshot(sent(next, before), inWorker).domains).toEqual(next.domains)
    }),
  )
})

it('clones of many users the one that changed, and keeps the others as the objects that they are', () => {
  const before = withUsers(everybody)
  const changed = { ...everybody[3]!, mayLogIn: false }
  const next = withUsers(everybody.with(3, changed))
  const message = sent(next, before)
  expect(message.domains[0]!.users.filter((each) => typeof each !== 'number')).toEqual([changed])
  const inWorker = unpackSnapshot(sent(before), undefined)
  const unpacked = unpackSnapshot(message, inWorker)
  expect(unpacked.domains[0]!.users[2]).toBe(inWorker.domains[0]!.users[2])
})

it('is not unpacked upon another snapshot than the one that it is based on', () => {
  const before = withUsers(everybody)
  const message = sent(withUsers(everybody), before)
  expect(() => unpackSnapshot(message, withUsers(everybody))).toThrow(/is based on/)
  expect(() => unpackSnapshot(message, undefined)).toThrow(/is based on/)
})

it('sends of many APIs those that changed, came or got another secret, and keeps the others as they are', () => {
  const apis = Array.from({ length: 5 }, (_, index) => api({ path: `/api-${index}`, target: 'http://127.0.0.1:1' }))
  const before = { ...withUsers(), apis }
  const [changed, resealed, added] = [
    { ...apis[1]!, revision: 1000, definition: { ...apis[1]!.definition, name: 'Second “Ž”' } },
    { ...apis[2]!, secretsVersion: 'other' },
    api({ path: '/added', target: 'http://127.0.0.1:1' }),
  ]
  const next = { ...before, version: 2, apis: [added, apis[4]!, changed, resealed, apis[0]!] }
  const message = sent(next, before)
  expect(message.apis.map((each) => typeof each)).toEqual(['object', 'number', 'object', 'object', 'number'])
  const inWorker = unpackSnapshot(sent(before), undefined)
  const unpacked = unpackSnapshot(message, inWorker).apis
  expect(unpacked[1]).toBe(inWorker.apis[4])
  const seen = ({ id, revision, secretsVersion, definition }: ApiSnapshot) => ({ id, revision, secretsVersion, definition }) // prettier-ignore
  expect(unpacked.map(seen)).toEqual(next.apis.map(seen))
})
