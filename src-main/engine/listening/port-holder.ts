import { readdir, readFile, readlink } from 'node:fs/promises'

/** Who listens on a port. */
export interface PortHolder {
  readonly name: string
  readonly pid: number
}

/** State of a listening socket in /proc/net/tcp. */
const LISTEN = '0A'

/** The process of this machine that listens on the TCP port, where the system tells it: on Linux, for processes of this user. */
export async function holderOf(port: number): Promise<PortHolder | undefined> {
  if (process.platform !== 'linux') return undefined
  const sockets = await socketsOn(port)
  if (sockets.size === 0) return undefined
  for (const pid of (await namesIn('/proc')).filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of await namesIn(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')
      if (!sockets.has(target)) continue
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
      return { name: name.trim() || 'a program', pid: Number(pid) }
    }
  }
  return undefined
}

/** The sockets that listen on the port, as a process's descriptors name them. */
async function socketsOn(port: number): Promise<ReadonlySet<string>> {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  const sockets = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      if (state === LISTEN && local?.endsWith(`:${wanted}`)) sockets.add(`socket:[${inode}]`)
    }
  }
  return sockets
}

/** Other users' processes are closed to us, and some end while we look. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}
