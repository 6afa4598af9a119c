import { Type, type Static } from 'typebox'

/** HAR 1.2, which browsers and HTTP tools read, or one record a line as JSON. */
export const TrafficFormat = Type.Union([Type.Literal('har'), Type.Literal('jsonl')])
export type TrafficFormat = Static<typeof TrafficFormat>

export const TrafficExport = Type.Object({
  text: Type.String({ description: 'The content of the file' }),
  requests: Type.Integer({ description: 'How many stand in it' }),
  isWhole: Type.Boolean({ description: 'Whether these are all that fit; otherwise there are older ones' }),
})
export type TrafficExport = Static<typeof TrafficExport>
