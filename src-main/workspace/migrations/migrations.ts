import type { FORMAT_VERSION } from '../layout'
import { splitPorts } from './1-split-ports'

/** Brings `gatehouse.json` from its format to the next; pure. Unknown members stay. */
export type Migration = (document: Readonly<Record<string, unknown>>) => Record<string, unknown>

/** By the format that each one starts from. */
const migrations: Readonly<Record<number, Migration>> = { 1: splitPorts }

/** The document in the format asked for; the same value when it already is. */
export function migrate(
  document: Readonly<Record<string, unknown>>,
  to: typeof FORMAT_VERSION,
): Readonly<Record<string, unknown>> {
  let current = document
  for (let version = Number(document.formatVersion); version < to; version++) {
    const step = migrations[version]
    if (step === undefined) throw new Error(`No migration starts from format ${version}`)
    current = { ...step(current), formatVersion: version + 1 }
  }
  return current
}
