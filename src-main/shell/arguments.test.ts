import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ownArguments, parseDesktopArguments } from './arguments'

const parse = (argv: readonly string[], isPackaged = false) =>
  parseDesktopArguments(ownArguments(argv, isPackaged), resolve('/home/ada'))

describe('arguments of the desktop app', () => {
  it('opens the folder that follows the app folder, among switches of Chromium and Node', () => {
    const argv = ['electron', '--inspect=0', '--no-sandbox', '/src/gatehouse', 'labs/echo', '--print-ready']
    expect(parse(argv)).toEqual({ folder: resolve('/home/ada/labs/echo'), printReady: true, userDataFolder: undefined })
  })

  it('takes the first argument as the workspace once packaged', () => {
    expect(parse(['/opt/Gatehouse/gatehouse', '/labs/echo'], true).folder).toBe(resolve('/labs/echo'))
  })

  it('opens what was open last when no folder is named', () => {
    expect(parse(['electron', '/src/gatehouse'])).toEqual({
      folder: undefined,
      printReady: false,
      userDataFolder: undefined,
    })
  })

  it('keeps its own files where it is told', () => {
    expect(parse(['electron', '.', '--user-data-dir=/tmp/x']).userDataFolder).toBe(resolve('/tmp/x'))
  })
})
