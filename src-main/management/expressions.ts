import { sampleOf } from '@shared/expression-trial'
import { tryExpression } from '../engine/try-expression'
import type { Context, HandlersOf } from './context'
import { triedDictionaries } from './dictionaries/values'
import { apiOf } from './lookup'
import { notFound } from './problems'

/** Expressions tried out, before an API is deployed with them. */
export function expressionHandlers({ store, traffic }: Context): HandlersOf<'expressions'> {
  return {
    'expressions.evaluate': async ({ text, kind = 'text', apiId, recordId, sample = {} }) => {
      const record = recordId === undefined ? undefined : await traffic.get(recordId, 'gateway')
      if (recordId !== undefined && record === undefined) throw notFound('recorded request', recordId)
      const api = apiId === undefined ? undefined : apiOf(store, apiId).definition
      const dictionaries = triedDictionaries(store.dictionaries())
      return tryExpression(text, kind, { ...(record && sampleOf(record)), ...sample }, api, dictionaries)
    },
  }
}
