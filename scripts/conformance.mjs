// npm run conformance: runs the unit and integration tests and writes docs/conformance.md from what they showed.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { conformanceText } from './lib/conformance.mjs'
import { installDependencies } from './lib/dependencies.mjs'
import { root, toolNode, tools } from './lib/project.mjs'
import { done, main, SetupError } from './lib/terminal.mjs'

await main(async () => {
  await installDependencies()
  const report = join(root, 'test-results', 'unit.json')
  mkdirSync(join(root, 'test-results'), { recursive: true })
  const args = [tools.vitest, 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]
  const { status } = spawnSync(toolNode(), args, { stdio: 'inherit', cwd: root })
  if (status !== 0) throw new SetupError('Not every test passed, so the page was not written', 'mend the tests first.')
  writeFileSync(join(root, 'docs', 'conformance.md'), conformanceText(report))
  done('docs/conformance.md is written')
})
