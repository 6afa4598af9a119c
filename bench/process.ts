import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A server under test, in a process of its own. */
export interface Subject {
  readonly pid: number
  /** The first line it printed, parsed. */
  readonly ready: Record<string, string>
  /** Milliseconds from the start of the process to that line. */
  readonly readyMs: number
  stop(): Promise<void>
}

/** Starts a Node program and waits for its one JSON line. Rejects with what it wrote to stderr when it ends before. */
export async function start(file: string, ...args: string[]): Promise<Subject> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', NODE_NO_WARNINGS: '1' },
  })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk))
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}: ${complaints}`)))
  })
  return {
    pid: child.pid!,
    ready: JSON.parse(line) as Record<string, string>,
    readyMs: performance.now() - startedAt,
    stop: () => stop(child),
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

/** CPU time that a process has used so far, in microseconds; NaN where the system does not tell (all but Linux). */
export function cpuMicroseconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10_000 // clock ticks of 10 ms
  } catch {
    return Number.NaN
  }
}

/** Resident memory of a process in MiB; NaN where the system does not tell. */
export function residentMiB(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
  } catch {
    return Number.NaN
  }
}
