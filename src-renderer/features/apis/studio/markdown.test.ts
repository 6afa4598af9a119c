import { expect, it } from 'vitest'
import { readMarkdown } from './markdown'

it('reads headings, paragraphs, lists, tables and code', () => {
  const blocks = readMarkdown(
    '# A\n\none\ntwo `c`\n\n- x\n  more\n- **y**\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```',
  )
  expect(blocks.map(({ kind }) => kind)).toEqual(['heading', 'paragraph', 'list', 'table', 'code'])
  expect(blocks[1]).toEqual({
    kind: 'paragraph',
    content: [
      { kind: 'text', text: 'one two ' },
      { kind: 'code', text: 'c' },
    ],
  })
  expect(blocks[2]).toMatchObject({ items: [[{ text: 'x more' }], [{ kind: 'strong', text: 'y' }]] })
})

it('tells emphasis from stars that are none', () => {
  expect(readMarkdown('the *AM resource*, 2 * 3 * 4')).toEqual([
    {
      kind: 'paragraph',
      content: [
        { kind: 'text', text: 'the ' },
        { kind: 'em', text: 'AM resource' },
        { kind: 'text', text: ', 2 * 3 * 4' },
      ],
    },
  ])
})

it('leaves markup as text, and links without their address', () => {
  expect(readMarkdown('<img src=x> [here](javascript:x)')).toEqual([
    { kind: 'paragraph', content: [{ kind: 'text', text: '<img src=x> here' }] },
  ])
})

it('comes to an end on anything', () => {
  for (const odd of ['```', '#', '| a', '####### x', '-', '  - x', '1.']) expect(() => readMarkdown(odd)).not.toThrow()
})
