// npm test: everything that must hold, on a machine that may have nothing yet. Every step runs, also after a failure; the
// last line counts them all.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { browserForTests } from './lib/browser.mjs'
import { build } from './lib/build.mjs'
import { conformanceText } from './lib/conformance.mjs'
import { onDisplay } from './lib/electron-command.mjs'
import { root, toolNode, tools } from './lib/project.mjs'
import { countPlaywright, countVitest } from './lib/results.mjs'
import { done, heading, main, SetupError, warn } from './lib/terminal.mjs'
import { setUp } from './setup.mjs'

const reports = join(root, 'test-results')

await main(async () => {
  const electron = await setUp({ withBuild: false })
  rmSync(reports, { recursive: true, force: true })
  mkdirSync(reports, { recursive: true })
  const node = toolNode()
  const totals = []

  // The checks are short and wait for the disk half of the time: they share the cores.
  const [lint, format, types] = await Promise.all([
    runStep('Lint', node, [tools.eslint, '.', '--max-warnings', '0']),
    runStep('Format', node, [tools.prettier, '--check', '--log-level', 'warn', '.']),
    runStep('Types', node, [tools.vueTsc, '--noEmit']),
  ])
  totals.push(single('lint', lint.code === 0 && format.code === 0), single('types', types.code === 0))

  const unitReport = join(reports, 'unit.json')
  const unit = await runStep(
    'Unit and integration tests',
    node,
    [tools.vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${unitReport}`],
    { show: true },
  )
  totals.push(countVitest(unitReport, unit.code), conformance(unitReport))

  const built = await build().then(
    () => true,
    (error) => {
      warn(error.message)
      return false
    },
  )
  totals.push(built ? await endToEnd(electron) : { passed: 0, failed: 1, failures: ['the build'] })

  const passed = totals.reduce((sum, { passed }) => sum + passed, 0)
  const failures = totals.flatMap((total) => total.failures)
  const failed = totals.reduce((sum, { failed }) => sum + failed, 0)
  console.log(
    `\nTested on Electron ${electron.version} (${electron.source}); the app ships with the version in package.json.`,
  )
  for (const failure of failures) console.log(`failed: ${failure}`)
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
})

/** docs/conformance.md must say what this run showed. */
function conformance(report) {
  const page = join(root, 'docs', 'conformance.md')
  const isTrue = existsSync(report) && existsSync(page) && readFileSync(page, 'utf8') === conformanceText(report)
  return single('docs/conformance.md does not say what this run showed: npm run conformance writes it anew', isTrue)
}

/** The tests in the real window. Their own reports go aside, as Playwright empties its folder. */
async function endToEnd(electron) {
  const report = join(reports, 'e2e.json')
  const config = join(root, 'e2e', 'playwright.config.ts')
  const [command, args] = onDisplay(toolNode(), [tools.playwright, 'test', '--config', config, '--reporter=list,json'])
  const { code } = await runStep(`End-to-end tests (Electron ${electron.version})`, command, args, {
    show: true,
    env: {
      ...process.env,
      ...(await browserForTests()),
      GATEHOUSE_ELECTRON: electron.executable,
      GATEHOUSE_ELECTRON_VERSION: electron.version,
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    },
  })
  return countPlaywright(report, code)
}

function single(name, ok) {
  return ok ? { passed: 1, failed: 0, failures: [] } : { passed: 0, failed: 1, failures: [name] }
}

/** Runs a step to its end, whatever that is. Without show its output is told only when it fails. */
function runStep(name, command, args, { show = false, env = process.env } = {}) {
  if (show) console.log(`\n${heading(name)}`)
  const started = Date.now()
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout?.on('data', (chunk) => (output += chunk))
    child.stderr?.on('data', (chunk) => (output += chunk))
    child.once('error', (error) => reject(new SetupError(`${name}: ${error.message}`, 'run npm test again.')))
    child.once('close', (code) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1)
      if (code === 0) done(`${name} (${seconds} s)`)
      else {
        if (!show) console.log(`\n${heading(name)}\n${output.trimEnd()}`)
        warn(`${name} failed (${seconds} s)`)
      }
      resolve({ code })
    })
  })
}
