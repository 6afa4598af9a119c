import { join } from 'node:path'
import { defineConfig } from '@playwright/test'

/** The tests in the real window. Run by scripts/e2e.mjs, which finds Electron and a display. */
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: join(import.meta.dirname, '..', 'test-results', 'e2e'),
  // Each test has its own app, workspace and ports, so they can run side by side; two, as many machines have two cores.
  workers: 2,
  fullyParallel: true,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list']],
})
