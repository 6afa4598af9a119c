import { describe, expect, it } from 'vitest'
import { claimsOf, rowFaults, rowsOf, type ClaimRow } from './claim-rows'

const row = (name: string, value: string, kind: ClaimRow['kind'] = 'text'): ClaimRow => ({ name, value, kind })
const faultOf = (...rows: ClaimRow[]) => rowFaults(rows).at(-1)?.message

describe('claims as rows', () => {
  it('are the same claims again', () => {
    const claims = {
      ...{ locale: 'en-GB', phone_number_verified: true, address: { locality: 'London', postal_code: 'W1' } },
      ...{ department: 'engines', number: '00123', level: 3, tags: ['a', 'b'], flag: false },
    }
    expect(rowFaults(rowsOf(claims)).filter(Boolean)).toEqual([])
    expect(claimsOf(rowsOf(claims))).toEqual(claims)
  })

  it('are read as they are meant: text stays text, JSON is what it says', () => {
    const rows = [row(' team ', ' 7 '), row('level', '7', 'json'), row('', ''), row('phone_number_verified', 'false')]
    expect(claimsOf(rows)).toEqual({ team: '7', level: 7, phone_number_verified: false })
  })

  it.each([
    ['a name without a value', [row('team', ' ')], /no value/],
    ['a value without a name', [row('', 'x')], /no name/],
    ['the same name twice', [row('team', 'a'), row(' team', 'b')], /stands above/],
    ['JSON that is none', [row('team', '{', 'json')], /not JSON/],
    ['a claim that a field makes', [row('given_name', 'Ada')], /first name/],
    ['a truth that is neither', [row('phone_number_verified', 'maybe')], /true or false/],
    ['a whole address', [row('address', 'London')], /members/],
    ['a part of an address that is empty', [row('address.region', '')], /no value/],
    ['a time zone that there is not', [row('zoneinfo', 'Mars/Phobos')], /time zone/],
  ])('with %s are told', (_what, rows, message) => {
    expect(faultOf(...rows)).toMatch(message)
  })
})
