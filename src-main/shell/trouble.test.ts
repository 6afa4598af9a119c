import { describe, expect, it } from 'vitest'
import { troubleChoice, troublePage } from './trouble'

describe('the page of a workspace that could not be opened', () => {
  it('says what, why, where and what to do, and takes nothing in it for markup', () => {
    const page = troublePage('/labs/<b>', {
      key: 'WORKSPACE_BROKEN',
      status: 422,
      title: 'gatehouse.json cannot be read',
      detail: 'Line 3: "<script>alert(1)</script>"',
      remedy: "Mend the file, or take it back with 'git checkout'.",
      errors: [{ field: '/gatewayPort', message: 'must be a number' }],
    })
    expect(page).toContain('<h1>gatehouse.json cannot be read</h1>')
    expect(page).toContain('/gatewayPort')
    expect(page).toContain('/labs/&#60;b&#62;')
    expect(page).not.toContain('<script')
    expect(page).not.toContain('<b>')
  })

  it.each([
    ['app://gatehouse/-/retry', 'retry'],
    ['app://gatehouse/-/quit', 'quit'],
    ['app://gatehouse/-/format', undefined],
    ['app://elsewhere/-/quit', undefined],
    ['https://example.com/app://gatehouse/-/quit', undefined],
  ])('takes %s for the choice %s', (address, choice) => {
    expect(troubleChoice(address)).toBe(choice)
  })
})
