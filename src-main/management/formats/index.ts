import type { Context, HandlersOf } from '../context'
import { saveChecked } from '../definition/save-draft'
import { apiOf } from '../lookup'
import { conflict, inputInvalid, notFound } from '../problems'
import { deployNotes } from './deploy-notes'
import { placeImport } from './place-import'
import { exportApi } from './write/export-api'
import { previewOf } from './preview'

type FormatOperation = 'apis.importPreview' | 'apis.import' | 'apis.export'

/** APIs from files of other tools, and as such files. */
export function formatHandlers(context: Context): Pick<HandlersOf<'apis'>, FormatOperation> {
  const { store, exclusive, readApi } = context
  return {
    'apis.importPreview': async (input) => {
      const placed = placeImport(store, await readApi(input), input)
      return previewOf(store, placed, await deployNotes(context, placed.definition))
    },

    'apis.import': async (input) => {
      const file = await readApi(input)
      const { api, notes } = await exclusive(async () => {
        const { definition, before, conflicts, notes } = placeImport(store, file, input)
        if (definition === undefined)
          throw inputInvalid(file.problems.map((error) => ({ ...error, field: '/content' })))
        for (const { what, sentence, remedy } of conflicts)
          if (what !== 'id') throw conflict(`API_${what.toUpperCase()}_TAKEN`, sentence, remedy, { field: `/${what}` })
        return { api: await saveChecked(context, definition, before), notes }
      })
      return { api, notes: [...(await deployNotes(context, api.definition)), ...notes] }
    },

    'apis.export': async ({ apiId, format, revision, syntax = 'json' }) => {
      const { definition } = apiOf(store, apiId)
      const options = { format, syntax, gateway: gatewayAddress(context) }
      if (revision === undefined) return exportApi(definition, options)
      const deployment = store.deployments(apiId).find((each) => each.revision === revision)
      if (!deployment) throw notFound('revision', String(revision))
      return exportApi(deployment.definition, options)
    },
  }
}

/** Where the gateway listens, or is to listen. */
function gatewayAddress({ engine, store }: Context): string {
  const { gateway } = engine.status()
  if (gateway.state === 'listening') return gateway.address
  const { host, gatewayPort } = store.document()
  return `http://${host}:${gatewayPort}`
}
