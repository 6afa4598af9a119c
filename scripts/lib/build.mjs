import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOfSources, root, toolNode, tools } from './project.mjs'
import { done, run, say, SetupError } from './terminal.mjs'

const stamp = join(root, 'out', '.gatehouse-build')

/** Builds the app when a source has changed since it was built. */
export async function build() {
  const sources = hashOfSources()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) {
    done('The build is up to date')
    return
  }
  say('Building…')
  await run(toolNode(), [tools.electronVite, 'build', '--logLevel', 'warn'], { cwd: root }).catch((error) => {
    throw new SetupError(
      `The build failed:\n${error.message}`,
      'mend what is named above, then run the same command again.',
    )
  })
  writeFileSync(stamp, sources)
  done('Built')
}
