import { mkdirSync, rmSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, resolve } from 'node:path'
import ts from 'typescript'
import { build, type Plugin } from 'vite'

const root = resolve(import.meta.dirname, '..')

/** Builds of `gatehouse`'s main process, one as it is and one without the trace. */
export interface Builds {
  /** The command's file of each. */
  readonly whole: string
  readonly untraced: string
  /** Calls that were left out. */
  readonly leftOut: number
  remove(): void
}

/**
 * Builds the command twice in the same way. In the second every call of a trace (`trace?.add(…)`) and the question whether a request is
 * to be traced are taken out of the source before it is compiled: what is left is what the trace costs when nobody looks.
 */
export async function buildWithAndWithout(): Promise<Builds> {
  // Within the project, so that the one native dependency is found from there.
  const folder = join(root, 'out', 'bench')
  mkdirSync(folder, { recursive: true })
  let leftOut = 0
  const strip: Plugin = {
    name: 'without-trace',
    enforce: 'pre',
    transform(code, id) {
      if (!id.startsWith(join(root, 'src-main', 'engine')) || !id.endsWith('.ts')) return undefined
      const ranges = callsOfTrace(code)
      leftOut += ranges.length
      return ranges.length === 0 ? undefined : { code: without(code, ranges), map: null }
    },
  }
  await bundle(join(folder, 'whole'), [])
  await bundle(join(folder, 'untraced'), [strip])
  if (leftOut === 0) throw new Error('No call of a trace was found to leave out')
  return {
    whole: join(folder, 'whole', 'cli.js'),
    untraced: join(folder, 'untraced', 'cli.js'),
    leftOut,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function bundle(outDir: string, plugins: Plugin[]): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins,
    resolve: { alias: { '@shared': join(root, 'src-shared') } },
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      rollupOptions: {
        input: { cli: join(root, 'src-main/cli.ts'), 'engine/worker': join(root, 'src-main/engine/worker.ts') },
        external: ['classic-level', 'electron', ...builtinModules, /^node:/],
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  })
}

type Range = readonly [start: number, end: number]

/** Where a source calls a trace that may be there, or makes one. */
function callsOfTrace(code: string): Range[] {
  const source = ts.createSourceFile('x.ts', code, ts.ScriptTarget.Latest, true)
  const found: Range[] = []
  const visit = (node: ts.Node): void => {
    if (isCallOfTrace(node) || makesTrace(node)) found.push([node.getStart(source), node.getEnd()])
    else ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** `trace?.add(…)`, `exchange.trace?.passed(…)`, `told?.end(…)`. */
function isCallOfTrace(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false
  const { expression, questionDotToken } = node.expression
  if (questionDotToken === undefined) return false
  const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression
  return ts.isIdentifier(name) && (name.text === 'trace' || name.text === 'told')
}

/** `… ? createTrace() : undefined` */
function makesTrace(node: ts.Node): boolean {
  return ts.isConditionalExpression(node) && /^createTrace\(/.test(node.whenTrue.getText())
}

function without(code: string, ranges: readonly Range[]): string {
  return ranges.reduceRight((text, [start, end]) => `${text.slice(0, start)}undefined${text.slice(end)}`, code)
}
