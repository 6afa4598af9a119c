import { spawn } from 'node:child_process'
import { basename } from 'node:path'

const colour = process.stdout.isTTY && process.env.NO_COLOR === undefined
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)

/** Something that went wrong and what a person can do about it; ends the program with one clear message. */
export class SetupError extends Error {
  /**
   * @param {string} message what happened
   * @param {string} remedy what to do
   */
  constructor(message, remedy) {
    super(message)
    this.name = 'SetupError'
    this.remedy = remedy
  }
}

/** One line of progress. */
export function say(text) {
  console.error(`${paint('36', '›')} ${text}`)
}

/** A line of progress that something is done, or was so already. */
export function done(text) {
  console.error(`${paint('32', '✓')} ${text}`)
}

/** A line that something is not as it should be, but the work goes on. */
export function warn(text) {
  console.error(`${paint('33', '!')} ${text}`)
}

/** A heading in bold. */
export function heading(text) {
  return paint('1', text)
}

/**
 * Runs a program to its end. Rejects with its last lines when it fails, so that a quiet step is not a mute one.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean, timeoutMs?: number }} [options] show: pass its output through
 * @returns {Promise<string>} what it wrote to stdout (empty with show)
 */
export function run(command, args, { cwd, env, show = false, timeoutMs } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      // What is shown only after a failure is shown in plain text.
      env: { ...(env ?? process.env), ...(show ? {} : { NO_COLOR: '1' }) },
      timeout: timeoutMs,
      // npm is a .cmd file on Windows, and Node starts those only through a shell.
      shell: process.platform === 'win32' && command.endsWith('.cmd'),
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let both = ''
    child.stdout?.on('data', (chunk) => {
      out += chunk
      both += chunk
    })
    child.stderr?.on('data', (chunk) => (both += chunk))
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) resolve(out)
      else {
        const tail = both.trim().split('\n').slice(-12).join('\n')
        reject(
          new Error(
            `${basename(command)} ${basename(args[0] ?? '')} ended with ${signal ?? code}${tail ? `\n${tail}` : ''}`,
          ),
        )
      }
    })
  })
}

/** Runs a script's main function; a failure is told in words, and the exit code is 1. */
export async function main(work) {
  try {
    await work()
  } catch (error) {
    if (error instanceof SetupError)
      console.error(`\n${paint('31', '✗')} ${error.message}\n\n  What to do: ${error.remedy}`)
    else console.error(error)
    process.exitCode = 1
  }
}
