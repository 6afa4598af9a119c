import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCsv } from './csv'

const cellsOf = (text: string) => parseCsv(text).map(({ cells }) => cells)

/** As RFC 4180 has it. */
const written = (records: readonly (readonly string[])[], separator: string, lineBreak: string) =>
  records
    .map((cells) =>
      cells.map((cell) => (/["\r\n,;\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(separator),
    )
    .join(lineBreak)

describe('comma-separated values', () => {
  it('are read as they were written, whatever stands in them', () => {
    const cell = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('"', ',', ';', '\t', '\n', '\r\n', 'a', ' ') }),
    )
    const records = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 })
    fc.assert(
      fc.property(
        records,
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n', '\r'),
        (rows, separator, lineBreak) => {
          const header = ['one', 'two', 'three', 'four']
          const text = written([header, ...rows], separator, lineBreak)
          expect(cellsOf(text)).toEqual([header, ...rows])
          expect(parseCsv(text).filter(({ fault }) => fault !== undefined)).toEqual([])
        },
      ),
    )
  })

  it.each([
    [
      'a byte order mark',
      '\uFEFFa,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a line break at the end, and empty lines',
      'a,b\r\n\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'empty cells',
      'a,b\n,\n"",x',
      [
        ['a', 'b'],
        ['', ''],
        ['', 'x'],
      ],
    ],
    [
      'semicolons, where the header has more of them',
      'a;b,c;d\n1;2;3',
      [
        ['a', 'b,c', 'd'],
        ['1', '2', '3'],
      ],
    ],
    ['nothing', '', []],
  ])('may have %s', (_what, text, cells) => {
    expect(cellsOf(text)).toEqual(cells)
  })

  it('are told with the line that each record begins on', () => {
    expect(parseCsv('a,b\n"1\n2",3\r\n"4\r\n5",6\n\n7,8').map(({ line }) => line)).toEqual([1, 2, 4, 7])
  })

  it.each([
    ['a,b\n1,x"y', 2, /not quoted/],
    ['a,b\n"1"2,3', 2, /behind a closing quote/],
    ['a,b\n1,"2\n3,4', 2, /does not end/],
  ])('that break the rules are told with their line: %j', (text, line, message) => {
    expect(parseCsv(text).filter(({ fault }) => fault !== undefined)).toMatchObject([
      { line, fault: { message: expect.stringMatching(message), remedy: expect.any(String) } },
    ])
  })
})
