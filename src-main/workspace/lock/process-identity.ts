import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { codeOf } from '@shared/error-code'

const run = promisify(execFile)

/** Whether a process of this machine lives under the number; one of another user does too. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/**
 * When the process was started, in the system's own words: with the number it names one process for good, since numbers
 * are given again. Undefined where the system does not tell it.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    try {
      const [stat, boot] = await Promise.all([
        readFile(`/proc/${pid}/stat`, 'utf8'),
        readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      ])
      // The command in parentheses may hold spaces; the start is the 22nd field, the 20th after it.
      const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
      return start === undefined ? undefined : `${boot.trim()} ${start}`
    } catch {
      return undefined
    }
  }
  if (process.platform === 'win32') return undefined
  try {
    return (await run('ps', ['-o', 'lstart=', '-p', String(pid)])).stdout.trim() || undefined
  } catch {
    return undefined
  }
}

/** This process by its program and script, for a person; without further arguments, which may be anything. */
export function ownCommand(): string {
  const script = process.argv[1]
  return script === undefined ? basename(process.execPath) : `${basename(process.execPath)} ${basename(script)}`
}
