import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { bundle } from '../engine/testing/bundle'
import type { ReadyAddresses } from './ready-text'

/** How a command ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A `gatehouse serve` that listens. */
export interface Serving {
  readonly pid: number
  readonly ready: ReadyAddresses
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

/** The command line as real processes, for tests. */
export interface Command {
  run(...args: string[]): Promise<Ended>
  /** `serve FOLDER --json` on free ports, with the management. */
  serve(folder: string, ...args: string[]): Promise<Serving>
  /** Ends what a failed test has left running. */
  dispose(): Promise<void>
}

export async function buildCommand(): Promise<Command> {
  const { file, remove } = await bundle('src-main/cli.ts', {
    'engine/worker': 'src-main/engine/worker.ts',
    'formats/reading-thread': 'src-main/management/formats/reading-thread.ts',
  })
  // One key for every workspace of the test: none is left in this person's configuration folder.
  const env = { ...process.env, GATEHOUSE_KEY: randomBytes(32).toString('base64') }
  const running = new Set<ChildProcess>()

  function start(args: readonly string[]) {
    const child = spawn(process.execPath, [file, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(child)
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (code) => {
        running.delete(child)
        resolve({ code, stdout, stderr })
      }),
    )
    return { child, ended }
  }

  return {
    run: (...args) => start(args).ended,
    async serve(folder, ...args) {
      const ports = ['--gateway-port', '0', '--authorization-port', '0', '--management-port', '0']
      const { child, ended } = start(['serve', folder, '--json', ...ports, ...args])
      const line = await Promise.race([
        new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve)),
        ended.then(({ code, stderr }) => Promise.reject(new Error(`serve ended with ${code}: ${stderr}`))),
      ])
      return {
        pid: child.pid!,
        ready: JSON.parse(line) as ReadyAddresses,
        signal: (name) => void child.kill(name),
        ended,
      }
    },
    async dispose() {
      const ends = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)))
      for (const child of running) child.kill('SIGKILL')
      await Promise.all(ends)
      await remove()
    },
  }
}

/** Runs an operation in a serving process; its output, or its problem. */
export async function operate(
  { ready: { management, managementToken } }: Serving,
  name: string,
  input: object = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(`${management}/operations/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${managementToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  return (await response.json()) as Record<string, unknown>
}
