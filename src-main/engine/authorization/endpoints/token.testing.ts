import { expect } from 'vitest'
import { application } from '../testing'

export const CLIENT = application()
export const GRANT = { grant_type: 'client_credentials' }
export const TOKEN = '/orders/oauth/token'

/** What the endpoint refuses with, in the form that RFC 6749 gives it. */
export async function refusal(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/json;charset=UTF-8')
  expect(response.headers.get('cache-control')).toContain('no-store')
  const body = (await response.json()) as { error: string; error_description: string }
  // RFC 6749 §5.2: the characters that a description may have.
  expect(body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  return { status: response.status, error: body.error, description: body.error_description }
}
