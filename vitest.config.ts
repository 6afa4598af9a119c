import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  resolve: {
    alias: {
      '@shared': resolve(import.meta.dirname, 'src-shared'),
      '@': resolve(import.meta.dirname, 'src-renderer'),
    },
  },
  test: {
    include: ['src-*/**/*.test.ts', 'scripts/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // More than there are cores may be: most tests wait for disks and processes.
    maxWorkers: 3,
    coverage: {
      provider: 'v8',
      include: ['src-main/**/*.ts', 'src-shared/**/*.ts'],
      exclude: ['**/*.test.ts', 'src-main/shell/**', 'src-main/index.ts', 'src-main/preload.ts'],
      reporter: ['text-summary', 'html'],
    },
  },
})
