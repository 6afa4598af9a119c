import { join } from 'node:path'
import { defineConfig } from '@playwright/test'

/** Draws the documentation's pictures. Run by scripts/pictures.mjs. */
export default defineConfig({
  testDir: '.',
  testMatch: 'pictures.ts',
  outputDir: join(import.meta.dirname, '..', 'test-results', 'pictures'),
  workers: 1,
  timeout: 120_000,
  reporter: [['list']],
})
