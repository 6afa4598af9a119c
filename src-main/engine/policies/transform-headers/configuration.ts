import { Type, type Static } from 'typebox'
import { ConfiguredHeader } from '../configured-headers'

const names = (title: string, description: string) =>
  Type.Optional(
    Type.Array(Type.Unsafe<string | null>({ type: ['string', 'null'] }), {
      title,
      description,
      default: [],
      'x-words': true,
    }),
  )

/** Gravitee's configuration of the `transform-headers` policy. */
export const configuration = Type.Object({
  addHeaders: Type.Optional(
    Type.Array(ConfiguredHeader, {
      title: 'Set or replace',
      description: 'Takes the place of a header of the same name. A value whose expression finds nothing is left out',
      default: [],
    }),
  ),
  appendHeaders: Type.Optional(
    Type.Array(ConfiguredHeader, {
      title: 'Append',
      description: 'Adds another value beside those that are there',
      default: [],
      'x-advanced': true,
    }),
  ),
  removeHeaders: names('Remove', 'These headers are taken out'),
  whitelistHeaders: names('Keep only', 'When any is named, every other header is taken out'),
  scope: Type.Optional(
    Type.Unsafe<string>({
      type: 'string',
      title: 'Scope',
      description: 'Of version 2 definitions. Here the phase that the step stands in decides',
      enum: ['REQUEST', 'RESPONSE', 'REQUEST_CONTENT', 'RESPONSE_CONTENT'],
      deprecated: true,
    }),
  ),
})
export type Configuration = Static<typeof configuration>
