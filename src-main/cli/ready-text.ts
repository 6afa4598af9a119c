import { runningExample } from '../management/walkthrough/example'
import { terminalLines, type ServerAddresses } from '../management/walkthrough/terminal-lines'
import type { Store } from '../workspace'

export interface ReadyAddresses extends ServerAddresses {
  readonly management?: string
  readonly managementToken?: string
}

/** What a person needs when both servers listen: addresses, and the walk-through as lines to paste. */
export function readyText(store: Store, ready: ReadyAddresses): string {
  const example = runningExample(store)
  return [
    `Gatehouse serves ${store.folder}`,
    '',
    `  Gateway               ${ready.gateway}`,
    `  Authorization server  ${ready.authorization}`,
    ...(ready.caFile === undefined ? [] : [`  To be trusted         ${ready.caFile}`]),
    ...(ready.management === undefined
      ? []
      : [`  Management            ${ready.management}`, `  Management token      ${ready.managementToken}`]),
    // Never with the secret: what a server prints ends up in logs.
    ...(example === undefined ? [] : ['', ...terminalLines(example, ready)]),
    '',
    'Ctrl-C finishes the requests in flight and ends it.',
  ].join('\n')
}
