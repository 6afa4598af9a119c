import { randomBytes } from 'node:crypto'
import type { EngineStatus, ListenerStatus } from '@shared/engine-status'
import { codeOf } from '@shared/error-code'
import { isIP } from 'node:net'
import type { Engine } from '../engine/messages'
import { openControl } from '../management/control'
import { createHttp } from '../management/http/http'
import { createManagement, type ListenOverrides, type Management } from '../management/management'
import { openWorkspace } from '../workspace'
import { parseCommand, parsePort } from './arguments'
import { CommandError } from './fail'
import { readyText } from './ready-text'
import { DRAIN_MS, loadEngineEarly, readingThreadUrl, startEngineOf } from './start-engine'
import { version } from './version'

/** `gatehouse serve DIR`: both servers without a window, until Ctrl-C or SIGTERM. */
export async function serve(args: readonly string[]): Promise<void> {
  const { folder, values } = parseCommand('serve', args, {
    'gateway-port': { type: 'string' },
    'authorization-port': { type: 'string' },
    'management-port': { type: 'string' },
    host: { type: 'string' },
    json: { type: 'boolean', default: false },
  })
  const gatewayPort = parsePort('gateway-port', values['gateway-port'])
  const authorizationPort = parsePort('authorization-port', values['authorization-port'])
  const managementPort = parsePort('management-port', values['management-port'])
  const host = parseHost(values.host)
  const stopped = stopSignal()

  // What was opened is closed again, in turn, whatever comes after it.
  const closing: (() => Promise<unknown>)[] = []
  try {
    const thread = loadEngineEarly()
    closing.push(() => thread.end())
    const store = await openWorkspace(folder)
    closing.push(() => store.close())
    const engine = startEngineOf(store, thread)
    closing.push(() => engine.stop(DRAIN_MS))
    const listen: ListenOverrides = {
      ...(host === undefined ? {} : { host }),
      ...(gatewayPort === undefined ? {} : { gatewayPort }),
      ...(authorizationPort === undefined ? {} : { authorizationPort }),
    }
    const management = createManagement({
      ...{ store, engine, version, listen, readingThreadUrl: readingThreadUrl() },
      keepsSchedule: true,
      onFault: tellFault,
    })
    closing.push(() => management.close())
    await management.start()
    const addresses = await listening(engine)
    closing.push(await openControl(folder, management))
    const { problems, caFile } = await management.call('workspace.get', {})
    const ready = {
      ...addresses,
      ...(caFile === undefined ? {} : { caFile }),
      ...(managementPort === undefined ? {} : await offerManagement(management, managementPort, closing)),
    }
    warnOfHost(host ?? store.document().host, addresses)
    warnOfIssuer(host ?? store.document().host, store.document().publicAuthorizationAddress, addresses.authorization)
    for (const { file, message, remedy } of problems) console.error(`gatehouse: ${file}: ${message}. ${remedy}`)
    console.log(values.json ? JSON.stringify(ready) : readyText(store, ready))
    await stopped
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/** Resolves at the first Ctrl-C or SIGTERM; the second ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (asked) process.exit(signal === 'SIGINT' ? 130 : 143)
        asked = true
        resolve()
      })
  })
}

/** The addresses when both servers listen; CommandError naming who has the port when one cannot. */
async function listening(engine: Engine): Promise<{ gateway: string; authorization: string }> {
  const settled = ({ gateway, authorization }: EngineStatus) =>
    [gateway, authorization].every(({ state }) => state !== 'starting')
  const status = await new Promise<EngineStatus>((resolve) => {
    const stop = engine.onStatus((status) => {
      if (!settled(status)) return
      stop()
      resolve(status)
    })
    if (settled(engine.status())) {
      stop()
      resolve(engine.status())
    }
  })
  return {
    gateway: addressOf(status.gateway, 'gateway-port'),
    authorization: addressOf(status.authorization, 'authorization-port'),
  }
}

function addressOf(listener: ListenerStatus, option: string): string {
  switch (listener.state) {
    case 'listening':
      return listener.address
    case 'port-taken':
      throw new CommandError(
        `${listener.sentence}. Port ${listener.offeredPort} is free: --${option} ${listener.offeredPort}`,
      )
    case 'failed':
      throw new CommandError(listener.sentence)
    case 'starting':
      throw new CommandError(`The server on port ${listener.port} does not listen.`)
  }
}

const isEveryAddress = (host: string) => host === '0.0.0.0' || host === '::'

async function offerManagement(
  management: Management,
  port: number,
  closing: (() => Promise<unknown>)[],
): Promise<{ management: string; managementToken: string }> {
  const managementToken = randomBytes(32).toString('base64url')
  const app = createHttp(management, managementToken)
  closing.push(() => app.close())
  try {
    return { management: await app.listen({ host: '127.0.0.1', port }), managementToken }
  } catch (error) {
    throw codeOf(error) === 'EADDRINUSE'
      ? new CommandError(
          `Port ${port} of 127.0.0.1 is in use: choose another --management-port, or 0 for any free one.`,
        )
      : error
  }
}

function parseHost(host: string | undefined): string | undefined {
  if (host === undefined || host === 'localhost' || isIP(host) !== 0) return host
  throw new CommandError(`--host takes an address of this machine such as 127.0.0.1, not ${host}.`, 2)
}

function warnOfHost(host: string, { gateway, authorization }: { gateway: string; authorization: string }): void {
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return
  const plain = [gateway, authorization].filter((address) => address.startsWith('http:')).length
  const open = ['', ', one of them without TLS', ', without TLS'][plain] ?? ''
  console.error(
    `gatehouse: Warning: both servers listen on ${isEveryAddress(host) ? `every address of this machine (${host})` : host}: whoever reaches this machine can call them${open}.`,
  )
}

/** Who checks tokens elsewhere looks for the issuer that they name. */
function warnOfIssuer(host: string, publicAddress: string | undefined, issuer: string): void {
  if (publicAddress !== undefined || !isEveryAddress(host)) return
  console.error(
    `gatehouse: Warning: tokens name ${issuer} as their issuer, which only this machine reaches. Give the address that others use as publicAuthorizationAddress in gatehouse.json, or in the window's Settings.`,
  )
}

function tellFault(what: string, error: unknown): void {
  console.error(`gatehouse: ${what}: ${error instanceof Error ? error.message : String(error)}`)
}
