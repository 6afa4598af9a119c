import { describe, expect, it } from 'vitest'
import { answerInAddress, answerInForm, cookieNames, fieldNames, isRedirect } from './front-channel'

describe('the way back to the application', () => {
  it.each([
    ['https://shop.example/cb?code=1', 'https://shop.example/cb'],
    ['https://shop.example/cb?tenant=a&code=1', 'https://shop.example/cb?tenant=a'],
    ['https://shop.example/cb#code=1', 'https://shop.example/cb'],
    ['https://shop.example/?code=1', 'https://shop.example'],
    ['com.example.shop:/cb?code=1', 'com.example.shop:/cb'],
    ['http://127.0.0.1:4000/cb?code=1', 'http://127.0.0.1:4000/cb'],
  ])('%s leads to %s', (address, redirectUri) => {
    expect(isRedirect(address, redirectUri)).toBe(true)
  })

  it.each([
    ['https://shop.example/cb2?code=1', 'https://shop.example/cb'],
    ['https://shop.example.evil.example/cb?code=1', 'https://shop.example/cb'],
    ['https://shop.example@evil.example/cb?code=1', 'https://shop.example/cb'],
    ['http://shop.example/cb?code=1', 'https://shop.example/cb'],
    ['https://shop.example:8443/cb', 'https://shop.example/cb'],
    ['not an address', 'https://shop.example/cb'],
    ['not an address', 'not an address'],
  ])('%s does not lead to %s', (address, redirectUri) => {
    expect(isRedirect(address, redirectUri)).toBe(false)
  })

  it('carries the answer in the query, the fragment or a form', () => {
    const parameters = [
      { name: 'code', value: 'a b' },
      { name: 'state', value: 's' },
    ]
    expect(answerInAddress('https://shop.example/cb?code=a+b&state=s')).toMatchObject({ by: 'query', parameters })
    expect(answerInAddress('https://shop.example/cb?t=1#code=a%20b&state=s')).toMatchObject({
      by: 'fragment',
      parameters,
    })
    expect(answerInForm('https://shop.example/cb', 'code=a+b&state=s')).toMatchObject({ method: 'POST', parameters })
  })
})

it('tells fields and cookies by their names alone', () => {
  expect(fieldNames('username=ada&password=correct+horse&action=log-in&password=x')).toEqual([
    'username',
    'password',
    'action',
  ])
  const lines = ['session=s3cret; Path=/lab; HttpOnly', 'transaction=; Path=/lab; Max-Age=0', 'nonsense']
  expect(cookieNames(lines)).toEqual({ set: ['session', ''], removed: ['transaction'] })
})
