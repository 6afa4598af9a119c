import { decodeJwt } from 'jose'
import type { TryItExchange } from '@shared/try-it'
import { checkSignature } from '../console/check-signature'
import type { Context } from '../context'
import type { Client } from './client'
import { askUserinfo } from './exchange'
import { jsonOf } from './json'
import { checkSubject } from './tokens'

/** Asks who the user is (OpenID Connect Core §5.3), and whether it is the one of the ID token. */
export async function requestUserinfo(
  context: Context,
  client: Client,
  accessToken: string,
  subject: string | undefined,
): Promise<TryItExchange> {
  const sent = await askUserinfo(context, client, accessToken)
  const { status, headers, body } = sent.answer
  if (status !== 200) return { ...sent, succeeded: false, checks: [], tokens: [] }
  const type = headers.find(({ name }) => name.toLowerCase() === 'content-type')?.value ?? ''
  const isSigned = type.startsWith('application/jwt')
  const claims = isSigned ? { ...decodeJwt(body) } : jsonOf(body)
  const signature = isSigned ? await checkSignature(client.domain, context.store.secrets, body) : undefined
  const checks = [
    ...(signature === undefined
      ? []
      : [
          {
            title: 'Signature',
            ok: signature.valid,
            sentence: signature.sentence,
            source: 'OpenID Connect Core §5.3.2',
          },
        ]),
    ...(subject === undefined ? [] : [checkSubject(claims.sub, subject, 'the ID token')]),
  ]
  return { ...sent, succeeded: checks.every(({ ok }) => ok), checks, tokens: [], claims }
}
