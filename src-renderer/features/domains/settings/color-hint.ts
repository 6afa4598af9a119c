import { contrast, textOn } from '@shared/colors'

const CARDS = [
  { name: 'light', color: '#ffffff' },
  { name: 'dark', color: '#18181b' },
]
/** WCAG 2.2, 1.4.11: what a control is told apart by. */
const LEAST = 3

/** What is wrong with a colour as somebody types it; empty is none. */
export function colorError(color: string): string | undefined {
  if (color === '' || /^#[0-9a-f]{6}$/i.test(color)) return undefined
  return 'A colour is # and six hexadecimal digits, such as #284bdb.'
}

/** How well the colour can be read and told from the page, in a sentence or two. */
export function colorHint(color: string): string {
  const text = textOn(color)
  const words = [`Text on it is ${text === '#ffffff' ? 'white' : 'black'} (contrast ${ratio(color, text)}).`]
  const faint = CARDS.filter((card) => contrast(color, card.color) < LEAST)
  for (const card of faint) {
    words.push(
      `On a ${card.name} page it can hardly be told from the ground (${ratio(color, card.color)}): buttons keep an outline there.`,
    )
  }
  return words.join(' ')
}

function ratio(one: string, other: string): string {
  return `${(Math.floor(contrast(one, other) * 10) / 10).toFixed(1)} : 1`
}
