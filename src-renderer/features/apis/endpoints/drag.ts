import type { EndpointPlace } from '../endpoint-edits'

/** An endpoint on its way to another place. */
export type DraggedEndpoint = { kind: 'endpoint'; place: EndpointPlace }

/** Where it may be put down: in the place of another, or at the end of a group. */
export type EndpointTarget = { kind: 'endpoint-target'; group: number; endpoint?: number }

type Data = Record<string | symbol, unknown>

export const isDraggedEndpoint = (data: Data): data is DraggedEndpoint => data.kind === 'endpoint'
export const isEndpointTarget = (data: Data): data is EndpointTarget => data.kind === 'endpoint-target'
