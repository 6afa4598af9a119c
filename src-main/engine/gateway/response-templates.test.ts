import type { ResponseTemplates } from '@shared/api-definition'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { api, securedApi, startGateway, type TestGateway } from './testing'

let gateway: TestGateway
beforeEach(async () => void (gateway = await startGateway()))
afterEach(() => gateway.close())

const deploy = (responseTemplates: ResponseTemplates) => gateway.deploy(securedApi({}, { responseTemplates }))
const call = (accept?: string) =>
  fetch(`${gateway.address}/echo?q=1`, { headers: accept === undefined ? {} : { accept } })

const problem = {
  statusCode: 403,
  headers: { 'Content-Type': 'application/problem+json', 'X-Key': '{#error.key}' },
  body: '{"title": "{#jsonEscape(#error.message)}", "status": {#error.status}, "instance": "{#request.path}"}',
}

describe('a response template', () => {
  it('words the answer to its failure, with expressions in headers and body', async () => {
    deploy({ OAUTH2_MISSING_HEADER: { '*/*': problem } })
    const response = await call()
    expect(response.status).toBe(403)
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'content-type': 'application/problem+json', 'x-key': 'OAUTH2_MISSING_HEADER' }) // prettier-ignore
    expect(await response.json()).toEqual({ title: 'No OAuth authorization header was supplied', status: 403, instance: '/echo' }) // prettier-ignore
    expect((await gateway.recordOf(response)).refusal).toMatchObject({ key: 'OAUTH2_MISSING_HEADER', status: 403 })
  })

  it('keeps the status and the challenge of a 401 unless it says otherwise', async () => {
    deploy({ OAUTH2_MISSING_HEADER: { '*/*': { body: 'no' } } })
    const kept = await call()
    expect([kept.status, await kept.text()]).toEqual([401, 'no'])
    expect(kept.headers.get('www-authenticate')).toMatch(/^Bearer realm=gravitee\.io/)
    deploy({ OAUTH2_MISSING_HEADER: { '*/*': { headers: { 'www-authenticate': 'Bearer' }, body: 'no' } } })
    expect((await call()).headers.get('www-authenticate')).toBe('Bearer')
  })

  it.each([
    ['application/json', 'json'],
    ['text/html, application/json;q=0.5', 'html'],
    ['text/html;q=0.1, application/json;q=0.5', 'json'],
    ['text/*', 'html'],
    ['image/png', 'any'],
    ['*/*', 'any'],
    [undefined, 'any'],
  ])('is chosen by what the caller accepts: %s', async (accept, body) => {
    deploy({
      OAUTH2_MISSING_HEADER: {
        'application/json': { body: 'json' },
        'text/html': { body: 'html' },
        '*/*': { body: 'any' },
      },
      DEFAULT: { '*/*': { body: 'default' } },
    })
    const response = await call(accept)
    expect(await response.text()).toBe(body)
    if (body !== 'any') expect(response.headers.get('content-type')).toBe(`${body === 'json' ? 'application' : 'text'}/${body}`) // prettier-ignore
  })

  it('stands for every other failure under DEFAULT', async () => {
    deploy({ OAUTH2_INVALID_ACCESS_TOKEN: { '*/*': { body: 'invalid' } }, DEFAULT: { '*/*': { body: 'default' } } })
    expect(await (await call()).text()).toBe('default')
    const invalid = await fetch(`${gateway.address}/echo`, { headers: { authorization: 'Bearer x' } })
    expect(await invalid.text()).toBe('invalid')
  })

  it('gives way to the words of the gateway where it cannot be written', async () => {
    deploy({ DEFAULT: { '*/*': { headers: { 'X-A': "{'a\nb'}{#request.params['q'][0].replace('1', 'a\n')}" }, body: 'x' } } }) // prettier-ignore
    const response = await call()
    expect([response.status, await response.json()]).toEqual([401, { message: 'No OAuth authorization header was supplied', http_status_code: 401 }]) // prettier-ignore
  })

  it.each<[ResponseTemplates, string, string]>([
    [{ A: { '*/*': { body: '{#nope}' } } }, '/responseTemplates/A/*~1*/body', 'Response template A, */*: After # comes'],
    [{ A: { '*/*': { body: '{#request.content}' } } }, '/responseTemplates/A/*~1*/body', 'cannot look at a body'],
    [{ A: { json: {} } }, '/responseTemplates/A/json', 'json is no media type'],
    [{ A: { '*/*': { headers: { 'Content-Length': '1' } } } }, '/responseTemplates/A/*~1*/headers/Content-Length', 'written by the gateway'],
  ])('is refused at deploy: %j', (responseTemplates, field, message) => {
    expect(gateway.gateway.check([api({ responseTemplates })])).toMatchObject([
      { errors: [{ field, message: expect.stringContaining(message) as string }] },
    ])
  }) // prettier-ignore
})
