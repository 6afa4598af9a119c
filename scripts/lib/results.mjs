import { existsSync, readFileSync } from 'node:fs'

/** @typedef {{ passed: number, failed: number, failures: string[] }} Count */

/**
 * Counts what Vitest's JSON reporter wrote. A file that does not even load counts as one failure.
 *
 * @returns {Count}
 */
export function countVitest(file, exitCode) {
  const report = read(file)
  if (report === undefined) return { passed: 0, failed: 1, failures: ['vitest did not finish'] }
  const failures = []
  let passed = 0
  for (const suite of report.testResults) {
    const broken = suite.assertionResults.filter((test) => test.status === 'failed')
    passed += suite.assertionResults.filter((test) => test.status === 'passed').length
    failures.push(...broken.map((test) => `${suite.name}: ${test.fullName}`))
    if (suite.status === 'failed' && broken.length === 0) failures.push(`${suite.name} did not load`)
  }
  // Errors outside any test (an unhandled rejection) fail the run without failing a test.
  if (exitCode !== 0 && failures.length === 0) failures.push('vitest failed outside a test')
  return { passed, failed: failures.length, failures }
}

/**
 * Counts what Playwright's JSON reporter wrote.
 *
 * @returns {Count}
 */
export function countPlaywright(file, exitCode) {
  const report = read(file)
  if (report === undefined) return { passed: 0, failed: 1, failures: ['playwright did not finish'] }
  const { expected, unexpected, flaky } = report.stats
  const failures = [...failedSpecs(report.suites), ...report.errors.map((error) => error.message ?? 'an error')]
  if (exitCode !== 0 && failures.length === 0) failures.push('playwright failed outside a test')
  return { passed: expected, failed: Math.max(unexpected + flaky, failures.length), failures }
}

function failedSpecs(suites, file = '') {
  return suites.flatMap((suite) => [
    ...suite.specs.filter((spec) => !spec.ok).map((spec) => `${file || suite.file}: ${spec.title}`),
    ...failedSpecs(suite.suites ?? [], suite.file),
  ])
}

function read(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
