import { randomUUID } from 'node:crypto'
import type { ConsoleExchange, ConsoleRequest, HeaderList } from '@shared/console'
import type { ProblemError } from '@shared/problem'
import type { RequestRecord } from '@shared/traffic'
import { isTransactionId } from '../../engine/call-identity'
import type { Engine } from '../../engine/messages'
import { ownServer, speaks, type OwnServer } from '../../engine/tls/own-servers'
import type { Context } from '../context'
import { fieldInvalid, inputInvalid } from '../problems'
import { callProblem } from './call-problems'
import { CALL_TIMEOUT_MS, httpCall, type Trusted } from './http-call'
import { headerErrors } from './request-headers'

/** Milliseconds to wait for the record of a call that has been answered; records come every 100 ms. */
const RECORD_WAIT_MS = 2000

/**
 * Makes the call and answers what came back; with the record and its trace where one of our two servers was called. Rejects with
 * ProblemError when the input is not right or nothing answers.
 *
 * @param apiKey sent along, to this gateway alone
 */
export async function sendCall(
  { engine, version, closing, authorities }: Pick<Context, 'engine' | 'version' | 'closing' | 'authorities'>,
  request: ConsoleRequest,
  apiKey?: string,
): Promise<ConsoleExchange> {
  const url = parseAddress(request.url)
  const wrong = headerErrors(request.headers, '/request/headers')
  if (wrong.length > 0) throw inputInvalid(wrong)
  if (request.method.toUpperCase() === 'CONNECT')
    throw fieldInvalid('/request/method', 'CONNECT opens a tunnel and is no call', 'Choose another method.')

  const server = ownServer(url, engine.status())
  if (server && !speaks(url, server)) throw wrongScheme(url, server)
  if (apiKey !== undefined && server?.name !== 'gateway')
    throw fieldInvalid('/request/url', 'An API key of a subscription is sent to this gateway alone', 'Write the address of the gateway, or choose another authorization.') // prettier-ignore
  const typed = request.headers.filter(({ name }) => !(server && name.toLowerCase() === TRACE_HEADER.toLowerCase()))
  const own = typed.some(({ name }) => name.toLowerCase() === API_KEY_HEADER.toLowerCase())
  const keyed = apiKey === undefined || own ? typed : [...typed, { name: API_KEY_HEADER, value: apiKey }]
  const headers = withDefaults(keyed, version)
  const signal = AbortSignal.any([closing, AbortSignal.timeout(CALL_TIMEOUT_MS)])
  if (server === undefined) return call(url, request, headers, signal, authorities())

  const record = awaitRecord(engine, server.name, headers)
  try {
    const exchange = await call(
      url,
      request,
      [...record.headers, { name: TRACE_HEADER, value: engine.traceKey }],
      signal,
      server,
    )
    const found = await record.arrived(exchange)
    return { ...withoutKey(exchange, engine.traceKey), ...(found ? { record: found } : {}) }
  } finally {
    record.stop()
  }
}

const API_KEY_HEADER = 'X-Gravitee-Api-Key'
const TRACE_HEADER = 'X-Gatehouse-Trace'
const TRANSACTION_HEADER = 'X-Gravitee-Transaction-Id'

async function call(
  url: URL,
  request: ConsoleRequest,
  headers: HeaderList,
  signal: AbortSignal,
  trusted: Trusted,
): Promise<ConsoleExchange> {
  try {
    return await httpCall(url, request, headers, signal, trusted)
  } catch (error) {
    throw callProblem(signal.aborted ? signal.reason : error, url)
  }
}

/** Nothing is sent: a token would go over the line in the clear, or nothing would come back. */
function wrongScheme({ host, protocol }: URL, { name }: OwnServer): ProblemError {
  const server = name === 'gateway' ? 'gateway' : 'authorization server'
  return protocol === 'http:'
    ? fieldInvalid('/request/url', `The ${server} speaks HTTPS at ${host}`, 'Write https:// in place of http://.')
    : fieldInvalid(
        '/request/url',
        `The ${server} speaks HTTP at ${host}`,
        'Write http:// in place of https://, or turn HTTPS on in Settings.',
      )
}

function parseAddress(text: string): URL {
  const remedy = 'Give an address such as http://127.0.0.1:8082/echo.'
  const field = '/request/url'
  const given = text.trim()
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(given))
    throw fieldInvalid(field, 'The address does not start with http:// or https://', remedy)
  if (!URL.canParse(given)) throw fieldInvalid(field, `${given} is not an address`, remedy)
  const url = new URL(given)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw fieldInvalid(field, `The console calls http and https, not ${url.protocol.slice(0, -1)}`, remedy)
  return url
}

function withDefaults(headers: HeaderList, version: string): HeaderList {
  const defaults = [
    { name: 'User-Agent', value: `Gatehouse/${version}` },
    { name: 'Accept', value: '*/*' },
  ]
  const missing = defaults.filter(({ name }) => !headers.some((each) => each.name.toLowerCase() === name.toLowerCase()))
  return [...headers, ...missing]
}

interface AwaitedRecord {
  readonly headers: HeaderList
  /** The call's record, as soon as it is there; undefined when it does not come. */
  arrived(exchange: ConsoleExchange): Promise<RequestRecord | undefined>
  stop(): void
}

/**
 * Listens from before the call is made. The call is told apart by its transaction id, which both servers take for that of the
 * record. Of ids that were typed the gateway answers with the one that it took; the authorization server answers with none, so
 * that what it would not take is replaced.
 */
function awaitRecord(engine: Engine, server: RequestRecord['server'], typed: HeaderList): AwaitedRecord {
  const isTransaction = ({ name }: HeaderList[number]) => name.toLowerCase() === TRANSACTION_HEADER.toLowerCase()
  const given = typed.filter(isTransaction)
  const kept = server === 'gateway' ? given.length > 0 : given.length === 1 && isTransactionId(given[0]!.value)
  const id = kept ? given[0]!.value : randomUUID()
  const seen: RequestRecord[] = []
  let notice = () => {}
  const stop = engine.onRecords((records) => {
    seen.push(...records.filter((record) => record.server === server && record.trace !== undefined))
    notice()
  })
  const find = ({ headers }: ConsoleExchange) => {
    const answered = headers.find(isTransaction)?.value
    return seen.find((record) => record.id === id || record.id === answered)
  }
  return {
    headers: kept ? typed : [...typed.filter((each) => !isTransaction(each)), { name: TRANSACTION_HEADER, value: id }],
    arrived: (exchange) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(undefined), RECORD_WAIT_MS)
        notice = () => {
          const record = find(exchange)
          if (!record) return
          clearTimeout(timer)
          resolve(record)
        }
        notice()
      }),
    stop,
  }
}

/** A backend that answers with what it received shows no more than a caller without the key would see. */
function withoutKey(exchange: ConsoleExchange, key: string): ConsoleExchange {
  return key === '' ? exchange : { ...exchange, body: exchange.body.replaceAll(key, '…') }
}
