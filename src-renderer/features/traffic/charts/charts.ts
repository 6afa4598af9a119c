import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { init, use, type ComposeOption } from 'echarts/core'
import type { BarSeriesOption, LineSeriesOption } from 'echarts/charts'
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components'
import { CanvasRenderer } from 'echarts/renderers'
import type { TrafficBucket, TrafficSpan } from '@shared/traffic-series'

use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer])

export const initChart = init
type ChartOption = ComposeOption<BarSeriesOption | LineSeriesOption | GridComponentOption | TooltipComponentOption>

/** A canvas knows no classes: the colours of main.css for marks, and those of its ground. Every mark is 3:1 against it (WCAG 2.2, 1.4.11). */
const palettes = {
  light: {
    ...{ green: '#16a34a', red: '#dc2626', violet: '#7c3aed', blue: '#2563eb', grey: '#71717a' },
    ...{ amber: '#d97706', rose: '#9f1239' },
    ...{ text: '#52525b', line: '#e4e4e7', ground: '#ffffff', strong: '#18181b' },
  },
  dark: {
    ...{ green: '#4ade80', red: '#f87171', violet: '#a78bfa', blue: '#60a5fa', grey: '#71717a' },
    ...{ amber: '#fbbf24', rose: '#f43f5e' },
    ...{ text: '#a1a1aa', line: '#27272a', ground: '#18181b', strong: '#fafafa' },
  },
} as const
export type Theme = keyof typeof palettes
type Hue = 'green' | 'red' | 'violet' | 'blue' | 'grey' | 'amber' | 'rose'

/** One line, or one part of each bar. */
export interface Measure {
  readonly label: string
  readonly hue: Hue
  /** Lengths of a line's strokes and gaps, pixels: who does not see the hues tells the lines by them. Unbroken without. */
  readonly dash?: readonly number[]
  /** Undefined where there is nothing to tell. */
  readonly of: (bucket: TrafficBucket) => number | undefined
}

export interface Chart {
  readonly id: string
  readonly title: string
  readonly kind: 'bars' | 'lines'
  readonly measures: readonly Measure[]
}

const statuses = (statusClass: number) => (bucket: TrafficBucket) => bucket.statusClasses[statusClass] ?? 0

export const charts: readonly Chart[] = [
  {
    ...{ id: 'outcomes', title: 'Requests', kind: 'bars' },
    measures: [
      { label: 'Answered', hue: 'green', of: ({ answered }) => answered },
      { label: 'Refused', hue: 'red', of: ({ refused }) => refused },
      { label: 'Failed', hue: 'violet', of: ({ failed }) => failed },
      { label: 'Caller left', hue: 'grey', of: ({ aborted }) => aborted },
    ],
  },
  {
    ...{ id: 'statuses', title: 'Status', kind: 'bars' },
    measures: [
      { label: '2xx', hue: 'green', of: statuses(2) },
      { label: '3xx', hue: 'blue', of: statuses(3) },
      { label: '4xx', hue: 'red', of: statuses(4) },
      { label: '5xx', hue: 'violet', of: statuses(5) },
      { label: 'No answer', hue: 'grey', of: (bucket) => statuses(0)(bucket) + statuses(1)(bucket) },
    ],
  },
  {
    ...{ id: 'durations', title: 'Took', kind: 'lines' },
    measures: [
      { label: 'p50', hue: 'blue', of: ({ p50 }) => p50 },
      { label: 'p95', hue: 'amber', dash: [6, 3], of: ({ p95 }) => p95 },
      { label: 'p99', hue: 'rose', dash: [2, 2], of: ({ p99 }) => p99 },
    ],
  },
]

export const colorOf = (hue: Hue | 'ground', theme: Theme): string => palettes[theme][hue]

const withSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const withMinutes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** Every bucket is so wide. */
export const widths: Readonly<Record<TrafficSpan, string>> = {
  minute: '1 s',
  quarter: '15 s',
  hour: '1 min',
  day: '15 min',
}

/** The time at which a bucket begins, as exactly as its width asks for. */
export function timeOf(at: number, span: TrafficSpan): string {
  return (span === 'minute' || span === 'quarter' ? withSeconds : withMinutes).format(at)
}

/** 0.42 ms, 12 ms, 1.5 s. */
export function durationText(ms: number): string {
  if (ms === 0) return '0'
  if (ms >= 1000) return `${(ms / 1000).toPrecision(2)} s`
  return `${ms < 10 ? ms.toPrecision(2) : Math.round(ms)} ms`
}

const valueText = (value: number, kind: Chart['kind']) => (kind === 'lines' ? durationText(value) : String(value))

/** What ECharts draws. Nothing moves: a chart that is drawn anew each second would never come to rest. */
export function optionOf(
  { kind, measures }: Chart,
  buckets: readonly TrafficBucket[],
  span: TrafficSpan,
  theme: Theme,
): ChartOption {
  const { text, line, ground, strong } = palettes[theme]
  const label = { color: text, fontSize: 11, fontFamily: 'Inter Variable' }
  return {
    animation: false,
    grid: { left: 44, right: 8, top: 8, bottom: 22 },
    xAxis: {
      type: 'category',
      data: buckets.map(({ at }) => timeOf(at, span)),
      axisLabel: { ...label, interval: Math.ceil(buckets.length / 4) - 1 },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: line } },
    },
    yAxis: {
      type: 'value',
      splitNumber: 2,
      axisLabel: { ...label, formatter: (value: number) => valueText(value, kind) },
      splitLine: { lineStyle: { color: line } },
      ...(kind === 'bars' ? { minInterval: 1 } : {}),
    },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText', // the other way writes HTML
      confine: true,
      backgroundColor: ground,
      borderColor: line,
      textStyle: { ...label, color: strong },
      axisPointer: { type: 'line', lineStyle: { color: text }, animation: false },
      formatter: (points) => {
        const [point] = Array.isArray(points) ? points : [points]
        const bucket = buckets[point?.dataIndex ?? -1]
        return bucket ? tooltipOf(kind, measures, bucket, span) : ''
      },
    },
    series: measures.map(({ label: name, hue, dash, of }) => {
      const common = { name, data: buckets.map((bucket) => of(bucket) ?? null), emphasis: { disabled: true } }
      const color = palettes[theme][hue]
      return kind === 'bars'
        ? { ...common, type: 'bar', stack: 'all', itemStyle: { color }, barCategoryGap: '20%' }
        : {
            ...common,
            ...{
              type: 'line',
              itemStyle: { color },
              lineStyle: { color, width: 1.5, type: dash ? [...dash] : 'solid' },
            },
            // A point that has no neighbours would not be seen as a line.
            ...{ symbol: 'circle', symbolSize: 3 },
          }
    }),
  }
}

function tooltipOf(
  kind: Chart['kind'],
  measures: readonly Measure[],
  bucket: TrafficBucket,
  span: TrafficSpan,
): string {
  const lines = measures.flatMap(({ label, of }) => {
    const value = of(bucket)
    return value === undefined || (kind === 'bars' && value === 0) ? [] : [`${label}: ${valueText(value, kind)}`]
  })
  return [timeOf(bucket.at, span), ...(lines.length === 0 ? ['No requests'] : lines)].join('\n')
}
