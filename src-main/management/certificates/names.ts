import { networkInterfaces } from 'node:os'
import { canonicalName } from '../../certificates/facts'

/** The names and addresses that servers on these hosts are called by: always this machine's own too. */
export function namesFor(hosts: readonly string[]): string[] {
  const everywhere = hosts.some((host) => host === '0.0.0.0' || host === '::')
  const names = ['localhost', '127.0.0.1', '::1', ...hosts, ...(everywhere ? addressesOfThisMachine() : [])]
  return [...new Set(names.map(canonicalName))]
}

/** Link-local addresses are left out: they are good on one network only, and are called with its name. */
function addressesOfThisMachine(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.flatMap(({ address, scopeid }) => (scopeid === undefined || scopeid === 0 ? [address] : [])),
  )
}
