import type { EngineStatus } from '@shared/engine-status'
import type { Engine } from '../engine/messages'
import type { WorkspaceDocument } from '@shared/workspace'

/**
 * An engine that runs nothing and takes everything, for work on a workspace that is not served: making the sample, and
 * tests of what needs no servers.
 */
export function noEngine(document: WorkspaceDocument): Engine {
  const stopped = (port: number) => ({ state: 'starting' as const, host: document.host, port })
  const status: EngineStatus = {
    state: 'stopped',
    gateway: stopped(document.gatewayPort),
    authorization: stopped(document.authorizationPort),
    restarts: 0,
  }
  const nothing = () => Promise.resolve()
  const cannotTest = () =>
    Promise.resolve({ ok: false, sentence: 'The engine is not running.', remedy: 'Start it first.', steps: [] })
  const unheard = () => () => undefined
  return {
    traceKey: '',
    status: () => status,
    apply: nothing,
    check: () => Promise.resolve([]),
    testResource: cannotTest,
    testEndpoint: cannotTest,
    administer: () => Promise.reject(new Error('The engine is not running')) as never,
    traceAll: () => undefined,
    restart: nothing,
    stop: nothing,
    onStatus: unheard,
    onHealth: unheard,
    onRecords: unheard,
  }
}
