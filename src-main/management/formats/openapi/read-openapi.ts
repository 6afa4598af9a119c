import { contextPath } from '../../definition/context-path'
import { newApi } from '../../definition/new-api'
import type { Drafted, ReadContext } from '../reader'
import { child, counted, isBlank, isObject, members, text, type Open } from '../values'
import { exampleOf, mockStep } from './examples'
import { flowPath } from './flow-paths'
import { createResolve } from './references'
import { requestChecks } from './request-checks'
import { readSecurity } from './security'
import { readServers } from './servers'

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const
const KNOWN = [
  'openapi',
  'info',
  'servers',
  'paths',
  'components',
  'security',
  'tags',
  'externalDocs',
  'jsonSchemaDialect',
]
/** As long as a name may be. */
const LONGEST_NAME = 128
const LONGEST_FLOW_NAME = 256

/**
 * An OpenAPI document as an API: each operation a flow, the first server the backend, security schemes the OAuth2 policy or
 * plans. What the document does not describe is not there, so that the gateway answers 404 for it rather than let it through.
 * Sources: OpenAPI 3.0.4, 3.1.1.
 */
export function readOpenApi(document: Open, context: ReadContext): Drafted {
  const { notes, choices, newId } = context
  if (!isObject(document.paths) && !isObject(document.webhooks))
    context.refuse('', 'the document describes no paths', 'Add paths with their operations.')
  const resolve = createResolve(document, notes)
  const info = members(document.info)
  const title = (text(info.title) ?? 'Imported API').trim().slice(0, LONGEST_NAME)
  const servers = readServers(document, context)
  const security = readSecurity(document, resolve, context, choices.tokens === 'plan')

  let hasExamples = false
  let mocked = 0
  let described = false
  let checked = 0
  const flows = Object.entries(members(document.paths)).flatMap(([template, value]) => {
    if (template.startsWith('x-')) return []
    const at = child('/paths', template)
    const item = members(resolve(value))
    const { path, widened } = flowPath(template)
    const operations = METHODS.filter((method) => isObject(item[method]))
    if (widened.length > 0 && operations.length > 0)
      notes.add('changed', at, `${widened.join(', ')} becomes a parameter that takes the whole of its part of the path`)
    if (item.servers !== undefined) notes.add('dropped', `${at}/servers`, `The servers of ${template} alone`)
    return operations.map((method) => {
      const operation = members(item[method])
      const pointer = `${at}/${method}`
      if (operation.servers !== undefined)
        notes.add('dropped', `${pointer}/servers`, `The servers of ${method.toUpperCase()} ${template} alone`)
      described ||= [item.parameters, operation.parameters, operation.requestBody].some((each) => !isBlank(each))
      const example = exampleOf(operation, resolve)
      hasExamples ||= example !== undefined
      const mock = choices.mocks === true && example !== undefined ? [mockStep(example)] : []
      mocked += mock.length
      const given = text(operation.operationId) ?? text(operation.summary) ?? `${method.toUpperCase()} ${template}`
      const name = given.slice(0, LONGEST_FLOW_NAME)
      const selectors = [{ type: 'http', path, pathOperator: 'EQUALS', methods: [method.toUpperCase()] }]
      const asked = security.stepsOf({ operation, at: pointer, name, selectors })
      const checks = choices.checks === true ? checksOf(item, operation, path, pointer) : []
      checked += Number(checks.length > 0)
      return { name, enabled: true, selectors, request: [...asked, ...checks, ...mock], response: [] }
    })
  })

  notes.add(
    'kept',
    '/paths',
    `${counted(flows.length, 'operation')}, each a flow; any other path or method is answered 404`,
  )
  if (choices.mocks === true)
    notes.add(
      'kept',
      '/paths',
      `${counted(mocked, 'example')}, each the answer of a mock policy; without one the backend is called`,
    )
  if (choices.checks === true)
    notes.add('kept', '/paths', `${counted(checked, 'operation')} that check what callers send`)
  else if (described)
    notes.add(
      'dropped',
      '/paths',
      'The descriptions of parameters and bodies: what a caller sends is not checked against them',
      'Choose to check what callers send, or add a policy that validates requests where it matters.',
    )
  notes.leftOver(document, '', KNOWN, (name) =>
    name.startsWith('x-')
      ? `The extension ${name}`
      : name === 'webhooks'
        ? 'Webhooks: they are calls of the backend'
        : name,
  )
  const { plans, resources, tokenSchemes } = security.needed()
  const made = newApi(newId(), newId(), title, servers.path ?? pathFrom(title), servers.targets[0])
  const [group] = made.endpointGroups
  const [endpoint] = group!.endpoints
  const definition = {
    ...made,
    ...(text(info.description) === undefined ? {} : { description: info.description }),
    ...(text(info.version) === undefined ? {} : { apiVersion: text(info.version) }),
    endpointGroups: [
      {
        ...group,
        endpoints: servers.targets.map((target, index) => ({
          ...endpoint,
          name: index === 0 ? 'default' : `server-${index + 1}`,
          configuration: { target },
        })),
      },
    ],
    flowExecution: { mode: 'best-match', matchRequired: true },
    flows,
    plans,
    resources,
  }
  return { definition, hasExamples, servers: servers.count, describesRequests: described, tokenSchemes }

  function checksOf(item: Open, operation: Open, path: string, pointer: string): readonly Open[] {
    const inPath = [...path.matchAll(/:([^/]+)/g)].map(([, name]) => name!)
    const parameters = [item.parameters, operation.parameters].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : [])) // prettier-ignore
    const { steps, unchecked } = requestChecks(parameters, operation.requestBody, inPath, resolve)
    for (const reason of unchecked) notes.add('dropped', pointer, `${reason}: not checked`)
    return steps
  }
}

/** `Swagger Petstore` → `/swagger-petstore`. */
export function pathFrom(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  const path = contextPath(slug === '' ? 'api' : slug)
  return typeof path === 'string' ? path : '/api'
}
