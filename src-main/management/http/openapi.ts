import { operations } from '@shared/operations'
import { StreamedEvent } from '@shared/events'
import { Problem } from '@shared/problem'

/** The OpenAPI 3.1 document of the management API, made from the list of operations. */
export function openApiDocument(version: string, address: string): object {
  const problem = {
    description: 'Not done; nothing was changed',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  const paths = Object.entries(operations).map(([name, { summary, input, output }]) => [
    `/operations/${name}`,
    {
      post: {
        operationId: name,
        summary,
        tags: [name.split('.')[0]],
        requestBody: { required: true, content: { 'application/json': { schema: input } } },
        responses: {
          200: { description: 'Done', content: { 'application/json': { schema: output } } },
          default: problem,
        },
      },
    },
  ])
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse management',
      version,
      description: 'What the window does, over HTTP. Every call wants the bearer token that the ready line carries.',
    },
    servers: [{ url: address }],
    security: [{ bearer: [] }],
    paths: {
      ...(Object.fromEntries(paths) as object),
      '/operations': {
        get: {
          operationId: 'listOperations',
          summary: 'Every operation with its schemas',
          responses: {
            200: {
              description: 'The list',
              content: { 'application/json': { schema: { type: 'array', items: { type: 'object' } } } },
            },
            default: problem,
          },
        },
      },
      '/events': {
        get: {
          operationId: 'events',
          summary:
            'What happens, as server-sent events; each carries one event as JSON. A reader who does not keep up is told how many it missed',
          responses: {
            200: { description: 'The stream', content: { 'text/event-stream': { schema: StreamedEvent } } },
            default: problem,
          },
        },
      },
    },
    components: {
      schemas: { Problem },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  }
}
