import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gatewayFailures } from '@shared/gateway-failures'
import { describe, expect, it } from 'vitest'

/** What the code of the gateway raises: each key with the statuses that stand beside it. */
async function raised(): Promise<Map<string, Set<number>>> {
  const found = new Map<string, Set<number>>()
  const folder = import.meta.dirname
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.ts') || /\.(test|testing)\.ts$|(^|\/)testing\.ts$/.test(name)) continue
    const code = await readFile(join(folder, name), 'utf8')
    for (const [, key] of code.matchAll(/'((?:GATEWAY|FLOW_EXECUTION)_[A-Z0-9_]+|NO_ENDPOINT_FOUND)'/g))
      if (!found.has(key!)) found.set(key!, new Set())
    for (const form of [
      /key: '([A-Z0-9_]+)',\s*status: (\d{3})/g,
      /failure\('([A-Z0-9_]+)', (\d{3})/g,
      /failure\((?<status>\d{3}), '(?<key>[A-Z0-9_]+)'/g,
    ])
      for (const { groups, 1: key, 2: status } of code.matchAll(form))
        found.get(groups?.key ?? key!)?.add(Number(groups?.status ?? status))
  }
  return found
}

/** Statuses beside that which is told: there is more than one way for a transfer coding to be wrong. */
const allowed = (key: string) => (key === 'GATEWAY_TRANSFER_CODING' ? [400] : [])

describe('the failures of the gateway', () => {
  it('are all known to who writes response templates, and no others', async () => {
    const known = gatewayFailures.map(({ key }) => key).sort()
    expect(known).toEqual([...(await raised()).keys()].sort())
    expect(new Set(known).size).toBe(known.length)
  })

  it('have the statuses that are told there', async () => {
    const found = await raised()
    const all = [...found.values()].flatMap((statuses) => [...statuses])
    expect(all.length).toBeGreaterThan(20)
    for (const { key, status } of gatewayFailures)
      expect([key, [...found.get(key)!].filter((each) => each !== status)]).toEqual([key, allowed(key)])
  })
})
