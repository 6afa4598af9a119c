import type { ListenerStatus } from '@shared/engine-status'
import { isSamplingFault, parseSampling } from '@shared/sampling'
import type { WorkspaceDocument } from '@shared/workspace'
import type { Context, HandlersOf } from './context'
import { fieldInvalid, notFound } from './problems'
import { exportOf } from './traffic/export'

/** How many records are answered unless a caller says otherwise. */
const DEFAULT_LIMIT = 200
/** How many records an export holds unless a caller says otherwise. */
const DEFAULT_EXPORT = 10_000

/** The requests that passed, what is kept of them, and them in numbers. */
export function trafficHandlers({
  store,
  engine,
  version,
  traffic,
  trafficSettings,
  exclusive,
}: Context): HandlersOf<'traffic'> {
  const status = () => ({ ...trafficSettings(), ...traffic.kept() })
  return {
    'traffic.list': async ({ filter = {}, limit = DEFAULT_LIMIT, before, traces = true }) => {
      const records = await traffic.list(filter, limit, before)
      return traces ? records : records.map(({ trace: _trace, ...record }) => record)
    },
    'traffic.get': async ({ id, server }) => {
      const record = await traffic.get(id, server)
      if (!record) throw notFound('request', id)
      return record
    },
    'traffic.series': ({ span, ...filter }) => traffic.series(span, filter),
    'traffic.export': async ({ format, filter = {}, limit = DEFAULT_EXPORT }) => {
      const { gateway, authorization } = engine.status()
      const addresses = { gateway: addressOf(gateway), authorization: addressOf(authorization) }
      return await exportOf(traffic, format, filter, limit, { addresses, version })
    },
    'traffic.status': async () => status(),
    'traffic.configure': ({ sampling, ...change }) =>
      exclusive(async () => {
        const fault = sampling ? parseSampling(sampling) : undefined
        if (fault !== undefined && isSamplingFault(fault))
          throw fieldInvalid(`/sampling/${fault.member}`, fault.message, fault.remedy)
        const document = store.document()
        const { sampling: known, ...before } = document.traffic ?? {}
        const now = sampling === undefined ? known : (sampling ?? undefined)
        const changed: WorkspaceDocument = {
          ...document,
          traffic: { ...before, ...change, ...(now === undefined ? {} : { sampling: now }) },
        }
        // It takes effect with the change of the document, as one that was made by hand does.
        await store.saveDocument(changed)
        return status()
      }),
    'traffic.clear': async () => {
      await traffic.clear()
      return {}
    },
  }
}

/** Where a server listens, or would. */
function addressOf(listener: ListenerStatus): string {
  return listener.state === 'listening' ? listener.address : `http://${listener.host}:${listener.port}`
}
