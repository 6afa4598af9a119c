import { describe, expect, test } from 'vitest'
import { contrast } from '@shared/colors'
import { charts, colorOf } from './charts'

describe.each(['light', 'dark'] as const)('the charts of the traffic, %s', (theme) => {
  test('every mark is told from its ground: 3:1 (WCAG 2.2, 1.4.11)', () => {
    const marks = charts.flatMap(({ measures }) => measures.map(({ hue }) => hue))
    const faint = marks.filter((hue) => contrast(colorOf(hue, theme), colorOf('ground', theme)) < 3)
    expect(faint).toEqual([])
  })

  test('lines are told from each other without their hues, too: by their strokes (WCAG 2.2, 1.4.1)', () => {
    for (const { measures } of charts.filter(({ kind }) => kind === 'lines')) {
      const strokes = measures.map(({ dash }) => String(dash))
      expect(new Set(strokes).size).toBe(measures.length)
    }
  })

  test('p95 and p99 are not equally light', () => {
    const [p95, p99] = ['p95', 'p99'].map((label) => {
      const measure = charts.flatMap(({ measures }) => measures).find((each) => each.label === label)
      return colorOf(measure!.hue, theme)
    })
    expect(contrast(p95!, p99!)).toBeGreaterThan(2)
  })
})
