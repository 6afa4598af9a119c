import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { countPlaywright, countVitest } from './results.mjs'

const folder = mkdtempSync(join(tmpdir(), 'results-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function report(value: unknown): string {
  const file = join(folder, `${Math.random()}.json`)
  writeFileSync(file, JSON.stringify(value))
  return file
}

describe('counting what vitest wrote', () => {
  const suite = (status: string, tests: string[]) => ({
    name: 'a.test.ts',
    status,
    assertionResults: tests.map((status, n) => ({ status, fullName: `test ${n}` })),
  })

  it('counts tests, and names those that failed', () => {
    const file = report({
      testResults: [suite('failed', ['passed', 'failed']), suite('passed', ['passed', 'skipped'])],
    })
    expect(countVitest(file, 1)).toEqual({ passed: 2, failed: 1, failures: ['a.test.ts: test 1'] })
  })

  it('fails when a file did not load, when something broke outside a test, and when there is no report', () => {
    expect(countVitest(report({ testResults: [suite('failed', [])] }), 1).failed).toBe(1)
    expect(countVitest(report({ testResults: [suite('passed', ['passed'])] }), 1).failed).toBe(1)
    expect(countVitest(join(folder, 'missing.json'), 0).failed).toBe(1)
  })
})

describe('counting what Playwright wrote', () => {
  const spec = (title: string, ok: boolean) => ({ title, ok })
  const run = (stats: object, specs: object[], errors: object[] = []) =>
    report({ stats, errors, suites: [{ file: 'a.spec.ts', specs: [], suites: [{ file: 'a.spec.ts', specs }] }] })

  it('counts tests, and names those that failed', () => {
    const file = run({ expected: 1, unexpected: 1, flaky: 0 }, [spec('good', true), spec('bad', false)])
    expect(countPlaywright(file, 1)).toEqual({ passed: 1, failed: 1, failures: ['a.spec.ts: bad'] })
  })

  it('fails when a file did not load and when there is no report', () => {
    const none = { expected: 0, unexpected: 0, flaky: 0 }
    expect(countPlaywright(run(none, [], [{ message: 'SyntaxError' }]), 1).failures).toEqual(['SyntaxError'])
    expect(countPlaywright(run(none, []), 1).failed).toBe(1)
    expect(countPlaywright(join(folder, 'missing.json'), 0).failed).toBe(1)
  })
})
