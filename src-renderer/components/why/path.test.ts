import { expect, it } from 'vitest'
import { formatMs, stationsOf } from './path'
import type { RequestRecord } from '@shared/traffic'

const refused: RequestRecord = {
  id: '1',
  server: 'gateway',
  at: 0,
  method: 'GET',
  path: '/echo',
  status: 401,
  durationMs: 1,
  outcome: 'refused',
  apiName: 'Echo',
  refusal: { key: 'OAUTH2_MISSING_HEADER', status: 401, sentence: 'No header', evidence: [], remedies: [] },
}

it('makes the way of a refused request from the record alone, the backend not called', () => {
  expect(stationsOf(refused).map(({ title, decision }) => [title, decision])).toEqual([
    ['Request arrived', 'passed'],
    ['API Echo', 'refused'],
    ['Backend', 'not-reached'],
  ])
})

it('puts the uncalled backend before the answer of a trace', () => {
  const step = (kind: 'policy' | 'answer', decision: 'refused' | 'passed') => ({
    kind,
    title: kind,
    decision,
    sentence: '',
    evidence: [],
  })
  const trace = [step('policy', 'refused'), step('answer', 'passed')]
  expect(stationsOf({ ...refused, trace }).map(({ kind }) => kind)).toEqual(['policy', 'backend', 'answer'])
})

it('shows a refusal that stands in no step of the trace before the answer', () => {
  const step = (kind: 'arrival' | 'answer') => ({
    kind,
    title: kind,
    decision: 'passed' as const,
    sentence: '',
    evidence: [],
  })
  const { apiName: _api, ...unknown } = refused
  const stations = stationsOf({ ...unknown, trace: [step('arrival'), step('answer')] })
  expect(stations.map(({ title, refusal }) => [title, refusal?.key])).toEqual([
    ['arrival', undefined],
    ['Routing', 'OAUTH2_MISSING_HEADER'],
    ['Backend', undefined],
    ['answer', undefined],
  ])
})

it('invents no backend for the authorization server', () => {
  expect(stationsOf({ ...refused, server: 'authorization' }).map(({ kind }) => kind)).toEqual(['arrival', 'policy'])
})

it('writes durations for reading', () => {
  expect([0.001, 0.04, 3.2, 12.4, 1234].map(formatMs)).toEqual(['< 0.01 ms', '0.04 ms', '3.2 ms', '12 ms', '1.2 s'])
})
