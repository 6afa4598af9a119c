/** Whether an address is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** Whether a server there listens on every address of the machine. */
export const isEveryAddress = (host: string) => host === '0.0.0.0' || host === '::'

/** What is wrong with an address to listen on; undefined when it looks like one. */
export function hostError(host: string): string | undefined {
  if (host === '') return 'Write an address of this machine, e.g. 127.0.0.1.'
  if (/\s/.test(host)) return 'An address has no spaces.'
  const isIpv6 = /^[0-9a-f]*(:[0-9a-f.]*){2,}$/i.test(host)
  return /[/:]/.test(host) && !isIpv6 ? 'Only the address: without http://, port or path.' : undefined
}

/** What is wrong with a port; undefined when it can be asked for. */
export function portError(port: unknown, other: unknown): string | undefined {
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 65_535)
    return 'A whole number from 0 to 65535; 0 picks a free port at each start.'
  return port !== 0 && port === other ? 'Both servers cannot share a port.' : undefined
}
