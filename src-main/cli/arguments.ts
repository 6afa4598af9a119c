import { resolve } from 'node:path'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { CommandError } from './fail'

type Options = NonNullable<ParseArgsConfig['options']>

/** The options and folder of a command; CommandError with exit code 2 when they are not right. */
export function parseCommand<O extends Options>(name: string, args: readonly string[], options: O, most = 1) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    const [folder, ...rest] = positionals
    if (folder === undefined)
      throw new CommandError(`Which folder? Name the workspace, e.g. gatehouse ${name} my-workspace.`, 2)
    if (rest.length + 1 > most) throw new CommandError(`What is ${rest[most - 1]} for? One folder is enough.`, 2)
    return { values, folder: resolve(folder), rest }
  } catch (error) {
    if (error instanceof CommandError) throw error
    const message = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error)
    throw new CommandError(`${message}. See gatehouse --help.`, 2)
  }
}

/** A port from the command line; 0 picks a free one. */
export function parsePort(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new CommandError(`--${name} takes a port between 0 and 65535, not ${text === '' ? 'nothing' : text}.`, 2)
}
