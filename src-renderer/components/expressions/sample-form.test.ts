import { expect, it } from 'vitest'
import { formOf, sampleFrom } from './sample-form'

it('a recorded request stands in the form and comes out of it as it was', () => {
  const sample = {
    method: 'POST',
    path: '/echo/7?q=1',
    headers: [
      { name: 'X-Tenant', value: 'blue' },
      { name: 'X-Time', value: '10:30' },
    ],
    body: '{"a": 1}',
    attributes: { 'oauth.client_id': 'client', 'jwt.claims': { iss: 'x' } },
    response: { status: 401, headers: [{ name: 'A', value: 'b' }], body: 'no' },
    error: { key: 'KEY', message: 'No', status: 401 },
  }
  expect(sampleFrom(formOf(sample))).toEqual(sample)
})

it('what is half typed breaks nothing', () => {
  const form = formOf({})
  expect(sampleFrom({ ...form, headers: 'Accept\n: x\n\nA:', attributes: 'a: {half\nb: 7', status: '20' })).toEqual({
    method: 'GET',
    path: '/',
    headers: [
      { name: 'Accept', value: '' },
      { name: 'A', value: '' },
    ],
    body: '',
    attributes: { a: '{half', b: '7' },
  })
})
