import { builtinModules } from 'node:module'
import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

/** Forbids imports whose specifier matches one of the patterns, with the reason a person reads. */
const forbid = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns: patterns.map(([regex, message]) => ({ regex, message })) }],
})
const electron = ['^electron($|/)', 'Only shell/, index.ts and preload.ts may import electron.']
/** Node's own modules, with `node:` before them or without. */
const node = (message) => [`^(node:|(${builtinModules.join('|')})($|/))`, message]
/** A folder of src-main, or a file in it: `../workspace` is its index. */
const folder = (name, message) => [`^\\.\\.?/(.*/)?(${name})($|/)`, message]
const notTheWindow = ['src-renderer', 'The main process never imports the window.']
const windowSide = [electron, node('The window has no Node.'), ['src-main', 'The window imports only src-shared.']]

export default tseslint.config(
  { ignores: ['out/', 'dist/', 'coverage/', 'node_modules/', 'test-results/', 'src-renderer/*.d.ts', '.workspace/'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/recommended'],
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: tseslint.parser } } },
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'vue/multi-word-component-names': 'off', // pages are called what they show: Overview, Console
      'vue/require-default-prop': 'off', // optional props are typed as optional
      'no-undef': 'off', // TypeScript checks names
    },
  },
  {
    files: ['src-main/**/*.ts', 'src-shared/**/*.ts', 'e2e/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { '@typescript-eslint/no-floating-promises': 'error', '@typescript-eslint/no-misused-promises': 'error' },
  },
  {
    files: ['src-shared/**/*.ts'],
    rules: forbid(electron, node('src-shared runs in the window too: no Node.'), [
      'src-(main|renderer)',
      'src-shared imports nothing of the other sides.',
    ]),
  },
  {
    files: ['src-renderer/**/*.{ts,vue}'],
    rules: forbid(...windowSide),
  },
  {
    files: ['src-renderer/{components,composables,stores}/**/*.{ts,vue}'],
    rules: forbid(...windowSide, ['(^@|\\.\\.)/features/', 'What features share knows none of them.']),
  },
  {
    files: ['src-renderer/features/**/*.{ts,vue}'],
    rules: forbid(
      ...windowSide,
      ['^@/features/', 'A feature never imports another feature: share through components/ or composables/.'],
      ['^\\.\\./\\.\\./', 'A feature never imports another feature: use @/components or @/composables.'],
    ),
  },
  {
    // Straight in a feature's folder one step up is outside of it; deeper it is the feature itself.
    files: ['src-renderer/features/*/*.{ts,vue}'],
    rules: forbid(...windowSide, [
      '^(@/features/|\\.\\./)',
      'A feature never imports another feature: share through components/ or composables/.',
    ]),
  },
  {
    files: ['src-main/engine/**/*.ts'],
    rules: forbid(
      electron,
      notTheWindow,
      folder(
        'workspace|management|shell|cli',
        'The engine gets snapshots and gives events; it knows neither workspace nor management.',
      ),
    ),
  },
  {
    files: ['src-main/certificates/**/*.ts'],
    rules: forbid(
      electron,
      notTheWindow,
      folder(
        'engine|workspace|management|shell|cli',
        'certificates/ makes and reads certificates and knows nothing else.',
      ),
    ),
  },
  {
    files: ['src-main/workspace/**/*.ts'],
    rules: forbid(
      electron,
      notTheWindow,
      folder(
        'engine(?!/testing/)|management|shell|cli',
        'workspace/ knows the files and nothing of what is done with them.',
      ),
    ),
  },
  {
    files: ['src-main/management/**/*.ts'],
    rules: forbid(
      electron,
      notTheWindow,
      folder('shell|cli', 'management/ serves the window and the command line alike.'),
      folder(
        'engine/(authorization|gateway|expression|state|echo|host|worker|run-engine|listen)',
        "management/ uses the engine's handle (messages, snapshot) and its catalogues, nothing inside it.",
      ),
    ),
  },
  {
    // A test of management may run the real thing.
    files: ['src-main/management/**/*{.test,testing}.ts'],
    rules: forbid(
      electron,
      notTheWindow,
      folder('shell|cli', 'management/ serves the window and the command line alike.'),
    ),
  },
  {
    files: ['src-main/cli.ts', 'src-main/cli/**/*.ts'],
    rules: forbid(electron, notTheWindow, folder('shell', 'The command line runs without a window.')),
  },
  {
    files: ['scripts/**', 'bench/**', 'src-main/cli.ts', 'src-main/cli/**', 'src-main/index.ts'],
    rules: { 'no-console': 'off' },
  },
  prettier,
)
