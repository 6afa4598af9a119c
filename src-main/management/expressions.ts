import type { ExpressionSample } from '@shared/expression-trial'
import type { RequestRecord } from '@shared/traffic'
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

/** What is known of a recorded request: headers and query only of one that was traced, and no credential. */
function sampleOf({ method, path, status, carried, clientId, refusal }: RequestRecord): ExpressionSample {
  return {
    method,
    path: carried?.query ? `${path}?${carried.query}` : path,
    headers: carried?.headers ?? [],
    attributes: clientId === undefined ? {} : { 'oauth.client_id': clientId },
    response: { status },
    ...(refusal === undefined
      ? {}
      : { error: { key: refusal.key, message: refusal.sentence, status: refusal.status } }),
  }
}
