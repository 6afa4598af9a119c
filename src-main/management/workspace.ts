import { createServer, isIP } from 'node:net'
import type { Workspace, WorkspaceDocument } from '@shared/workspace'
import type { FieldError } from '@shared/problem'
import { freePortAfter } from '../engine/listening/free-port'
import { holderOf } from '../engine/listening/port-holder'
import { httpOnly } from './certificates'
import { caFileOf, certificateProblems, keepCertificates } from './certificates/keep'
import { authorityProblems } from './certificates/trusted'
import type { Context, HandlersOf } from './context'
import { fieldInvalid, inputInvalid } from './problems'
import { followingApis } from './running/following'
import { configuredAuthorization, pointResourcesAt } from './running/own-authorization'
import { samplingProblems } from './traffic/settings'

export function workspaceHandlers(context: Context): HandlersOf<'workspace'> {
  const { store, exclusive } = context
  return {
    'workspace.get': async () => workspaceOf(context),

    'workspace.update': ({ publicAuthorizationAddress: given, tls, ...change }) =>
      exclusive(async () => {
        const { publicAuthorizationAddress: known, ...before } = store.document()
        const publicAddress = given === undefined ? known : publicOrigin(given)
        const document: WorkspaceDocument = {
          ...before,
          ...change,
          ...(tls === undefined ? {} : { tls: { ...httpOnly, ...before.tls, ...tls } }),
          ...(publicAddress === undefined ? {} : { publicAuthorizationAddress: publicAddress }),
          ...(change.name === undefined ? {} : { name: change.name.trim() }),
          ...(change.host === undefined ? {} : { host: listenHost(change.host) }),
        }
        if (document.gatewayPort !== 0 && document.gatewayPort === document.authorizationPort)
          throw fieldInvalid(
            change.authorizationPort === undefined ? '/gatewayPort' : '/authorizationPort',
            'The gateway and the authorization server cannot share a port',
            'Choose another port for one of them.',
          )
        if (change.host !== undefined && document.host !== before.host) await refuseForeignHost(document.host)
        await refuseTakenPorts(context, before, document, change)
        // Under both hosts: when the change is refused, what runs goes on under the one before.
        await keepCertificates(store, document, [...context.running.hosts(), document.host], context.clock.now())
        await move(context, before, document, change)
        return workspaceOf(context)
      }),
  }
}

/** Runs and saves the new addresses, with the resources that point at the authorization server. */
async function move(
  { store, running, rememberAuthorization }: Context,
  before: WorkspaceDocument,
  document: WorkspaceDocument,
  change: { host?: string; gatewayPort?: number; authorizationPort?: number },
): Promise<void> {
  const from = configuredAuthorization(before)
  const to = configuredAuthorization(document)
  const moved = from !== undefined && to !== undefined && from !== to
  const apis = followingApis(
    store,
    (definition) => (moved ? pointResourcesAt(definition, new Set([from]), to) : definition),
    `Resources follow the authorization server from ${from} to ${to}`,
  )
  // With any free port there is no address to write down: what points at the old one is led on when it runs.
  if (from !== undefined && to === undefined) rememberAuthorization(from)

  const addresses = ['host', 'gatewayPort', 'authorizationPort'] as const
  await running.change({
    view: (saved) => apis.view({ ...saved, document }),
    dropOverrides: addresses.filter((name) => change[name] !== undefined),
    async save() {
      await store.saveDocument(document)
      await apis.save()
    },
  })
}

function workspaceOf({ store, running, keySchedule, polling, traffic, clock }: Context): Workspace {
  const { protection, keyFile } = store.secrets
  const caFile = caFileOf(store)
  return {
    ...store.document(),
    folder: store.folder,
    secretsProtection: protection,
    ...(keyFile === undefined ? {} : { secretsKeyFile: keyFile }),
    ...(caFile === undefined ? {} : { caFile }),
    problems: [
      ...store.problems(),
      ...running.problems(),
      ...keySchedule.problems(),
      ...polling.problems(),
      ...traffic.problems(),
      ...samplingProblems(store.document().traffic),
      ...certificateProblems(store, clock.now()),
      ...authorityProblems(store.document(), clock.now()),
    ],
  }
}

function listenHost(given: string): string {
  const host = given.trim().replace(/^\[(.*)\]$/, '$1')
  if (host === 'localhost' || isIP(host) !== 0) return host
  throw fieldInvalid(
    '/host',
    `${host} is not an address of a machine`,
    'Give 127.0.0.1 for this machine only, or the IP address of one of its networks.',
  )
}

/** Undefined for an empty text: then it is where the server listens. */
function publicOrigin(given: string): string | undefined {
  const text = given.trim()
  if (text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  // `href` and not `pathname`: nor may there be a query, a fragment or credentials.
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin
  throw fieldInvalid(
    '/publicAuthorizationAddress',
    `${text} is not http:// or https:// with a host, and nothing behind its port`,
    'Give an address such as https://login.example.com, or none.',
  )
}

/** An address that this machine does not have would stop both servers. */
async function refuseForeignHost(host: string): Promise<void> {
  if ((await whyNotListen(host, 0)) === undefined) return
  throw fieldInvalid(
    '/host',
    `${host} is not an address of this machine`,
    'Give 127.0.0.1 for this machine only, or an IP address that one of its networks has.',
  )
}

/** A port that another program has would stop the server that listens now. */
async function refuseTakenPorts(
  { engine }: Context,
  before: WorkspaceDocument,
  { host, ...document }: WorkspaceDocument,
  change: { gatewayPort?: number; authorizationPort?: number },
): Promise<void> {
  const listeners = engine.status()
  const listening = [listeners.gateway, listeners.authorization].filter(({ state }) => state === 'listening')
  const errors: FieldError[] = []
  for (const [name, server] of [
    ['gatewayPort', 'gateway'],
    ['authorizationPort', 'authorization'],
  ] as const) {
    const port = document[name]
    if (change[name] === undefined || port === 0 || listening.some((own) => own.port === port)) continue
    // One that is saved and does not listen is tried again: there is nothing to stop.
    if (port === before[name] && listeners[server].state !== 'listening') continue
    const code = await whyNotListen(host, port)
    if (code !== undefined) errors.push(await portRefused(`/${name}`, host, port, code))
  }
  if (errors.length > 0) throw inputInvalid(errors)
}

async function portRefused(field: string, host: string, port: number, code: string): Promise<FieldError> {
  const taken = code === 'EADDRINUSE'
  const free = await freePortAfter(host, code === 'EACCES' ? Math.max(port, 1023) : port)
  const holder = taken ? await holderOf(port) : undefined
  const by = holder === undefined ? '' : ` by ${holder.name} (process ${holder.pid})`
  return {
    field,
    message: taken
      ? `Port ${port} of ${host} is in use${by}`
      : `Port ${port} of ${host} cannot be listened on (${code})`,
    remedy: `Choose another, e.g. ${free} (free now), or 0 for any.`,
  }
}

/** Listens there for a moment; the system's code when that fails. */
function whyNotListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown reason'))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })
}
