import { Type, type Static } from 'typebox'
import { RequestRecord } from './traffic'

const { server, outcome } = RequestRecord.properties

/** Which requests are looked for; what is not given does not matter. */
export const TrafficFilter = Type.Object(
  {
    server: Type.Optional(server),
    apiId: Type.Optional(Type.String({ maxLength: 256 })),
    domainPath: Type.Optional(Type.String({ maxLength: 256 })),
    clientId: Type.Optional(Type.String({ maxLength: 1024 })),
    outcomes: Type.Optional(Type.Array(outcome)),
    statusClasses: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: 5 }), {
        description: 'First digits of the status; 0 where the client went away before an answer',
      }),
    ),
    methods: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }))),
    text: Type.Optional(
      Type.String({ maxLength: 256, description: 'Words that must all stand somewhere in the record' }),
    ),
    from: Type.Optional(Type.Integer({ description: 'Arrived then or later; milliseconds since the epoch' })),
    to: Type.Optional(Type.Integer({ description: 'Arrived before then; milliseconds since the epoch' })),
  },
  { additionalProperties: false },
)
export type TrafficFilter = Static<typeof TrafficFilter>

/** The words of a filter's text, in small letters. */
export function wordsOf({ text = '' }: TrafficFilter): string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean)
}

/** The first digit of a status; 0 where there was no answer. */
export function statusClassOf(status: number): number {
  return Math.trunc(status / 100)
}

/** Whether a record is one that is looked for. */
export function matchesTraffic(record: RequestRecord, filter: TrafficFilter): boolean {
  const { outcomes, statusClasses, methods, from = -Infinity, to = Infinity } = filter
  if (filter.server !== undefined && record.server !== filter.server) return false
  if (filter.apiId !== undefined && record.apiId !== filter.apiId) return false
  if (filter.domainPath !== undefined && record.domainPath !== filter.domainPath) return false
  if (filter.clientId !== undefined && record.clientId !== filter.clientId) return false
  if (outcomes && !outcomes.includes(record.outcome)) return false
  if (statusClasses && !statusClasses.includes(statusClassOf(record.status))) return false
  if (methods && !methods.includes(record.method)) return false
  if (record.at < from || record.at >= to) return false
  const words = wordsOf(filter)
  if (words.length === 0) return true
  const whole = [
    ...[record.method, record.path, record.status, record.id, record.apiName, record.domainPath, record.clientId],
    ...[record.endpoint, record.grantType, record.username, record.summary],
    ...[record.refusal?.key, record.refusal?.sentence],
  ]
    .join(' ')
    .toLowerCase()
  return words.every((word) => whole.includes(word))
}
