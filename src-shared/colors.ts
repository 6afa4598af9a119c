/** Gatehouse's own, for domains that have none. */
export const DEFAULT_COLOR = '#284bdb'

const WHITE = '#ffffff'
/** As light as it may be: any lighter, and there are colours on which neither of the two can be read. */
const NEARLY_BLACK = '#050505'

/** The text that can be read on a colour: one of the two always reaches 4.5:1 (WCAG 2.2, 1.4.3). */
export function textOn(color: string): string {
  return contrast(color, WHITE) >= 4.5 ? WHITE : NEARLY_BLACK
}

/** Contrast ratio of two colours written `#rrggbb`, from 1 to 21 (WCAG 2.2). */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(color.slice(start, start + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
