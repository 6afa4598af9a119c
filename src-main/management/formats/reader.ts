import type { ApiDefinition } from '@shared/api-definition'
import type { ImportChoices } from '@shared/api-formats'
import type { Notes } from './notes'
import type { Open } from './values'

/** What a reader of one format works with. */
export interface ReadContext {
  readonly notes: Notes
  readonly choices: ImportChoices
  readonly newId: () => string
  /** Ends the reading: the whole is of no use. */
  refuse(pointer: string, message: string, remedy: string): never
}

/** What a reader made of a file. */
export interface Drafted {
  /** Of the form of a definition, and not checked yet: what the file says wrongly still stands in it. */
  readonly definition: Open & Pick<ApiDefinition, 'id'>
  readonly hasExamples: boolean
  /** How many backends the file names. */
  readonly servers: number
  /** Whether the file says what parameters and bodies of requests are like. */
  readonly describesRequests?: boolean
  /** How many schemes ask for a token that somebody has to know. */
  readonly tokenSchemes?: number
}
