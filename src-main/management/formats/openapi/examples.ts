import { isObject, members, text, type Open } from '../values'
import type { Resolve } from './references'

/** An answer that a document gives as an example. */
export interface ExampleAnswer {
  readonly status: string
  readonly mediaType: string
  readonly content: string
}

/** The example of the best answer of an operation: the lowest 2xx, JSON before other media types. Undefined when there is none. */
export function exampleOf(operation: Open, resolve: Resolve): ExampleAnswer | undefined {
  const responses = members(operation.responses)
  const statuses = Object.keys(responses)
    .filter((status) => /^2(\d\d|XX)$/i.test(status))
    .sort()
  if (responses.default !== undefined) statuses.push('default')
  for (const status of statuses) {
    const content = members(members(resolve(responses[status])).content)
    const mediaTypes = Object.keys(content).sort((a, b) => Number(isJson(b)) - Number(isJson(a)))
    for (const mediaType of mediaTypes) {
      const example = exampleIn(members(content[mediaType]), resolve)
      if (example === undefined) continue
      return {
        status: /^\d+$/.test(status) ? status : '200',
        mediaType,
        content: typeof example === 'string' ? example : JSON.stringify(example, null, 2),
      }
    }
  }
  return undefined
}

function exampleIn(media: Open, resolve: Resolve): unknown {
  if (media.example !== undefined) return media.example
  for (const each of Object.values(members(media.examples))) {
    const { value } = members(resolve(each))
    if (value !== undefined) return value
  }
  const schema = members(resolve(media.schema))
  if (schema.example !== undefined) return schema.example
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0]
  // A list whose entries have an example, as descriptions of collections often are.
  if (schema.type !== 'array') return undefined
  const item = members(resolve(schema.items))
  return item.example === undefined ? undefined : [item.example]
}

const isJson = (mediaType: string) => /[/+]json($|;)/i.test(mediaType)

/** A step of Gravitee's mock policy that answers so. */
export function mockStep({ status, mediaType, content }: ExampleAnswer): Open {
  return {
    name: 'Example',
    enabled: true,
    policy: 'mock',
    configuration: { status, headers: [{ name: 'Content-Type', value: mediaType }], content },
  }
}

/** The example that a mock step answers with; undefined for another step. */
export function exampleOfMock(step: unknown): ExampleAnswer | undefined {
  const { policy, configuration } = members(step)
  const { status, headers, content } = members(configuration)
  if (policy !== 'mock' || typeof content !== 'string') return undefined
  const type = Array.isArray(headers)
    ? headers.find((header): header is Open => isObject(header) && String(header.name).toLowerCase() === 'content-type')
    : undefined
  return { status: text(status) ?? '200', mediaType: text(type?.value) ?? 'text/plain', content }
}
