import { afterEach, beforeEach, expect, it } from 'vitest'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onDisplay } from './electron-command.mjs'
import { SetupError } from './terminal.mjs'

let programs: string
beforeEach(async () => {
  programs = await mkdtemp(join(tmpdir(), 'gatehouse-programs-'))
})
afterEach(() => rm(programs, { recursive: true, force: true }))

it.runIf(process.platform === 'linux')(
  'tells what to do where there is neither a display nor a virtual one',
  async () => {
    expect(onDisplay('app', ['x'], { DISPLAY: ':0', PATH: programs })).toEqual(['app', ['x']])
    expect(() => onDisplay('app', [], { PATH: programs })).toThrow(SetupError)
    expect(() => onDisplay('app', [], { PATH: programs })).toThrow('xvfb-run')
    await writeFile(join(programs, 'xvfb-run'), '')
    expect(onDisplay('app', [], { PATH: programs })[0]).toBe('xvfb-run')
  },
)
