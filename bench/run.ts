/**
 * `npm run bench`: everything in one run on this machine, each as a ratio to a peer, written as a table to
 * bench/results/latest.json and latest.md. `--quick` takes a third of the time, for a look while working.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { benchFootprint } from './footprint.ts'
import { benchGateway } from './gateway.ts'
import { report, type Results } from './report.ts'
import { benchTokens } from './tokens.ts'

const quick = process.argv.includes('--quick')
const effort = { connections: 50, seconds: quick ? 3 : 8, rounds: quick ? 3 : 5 }
const say = (text: string) => process.stderr.write(`${text}\n`)

say('gateway …')
const gateway = await benchGateway(effort)
const tokens: Results['tokens'] = {}
for (const algorithm of ['HS256', 'RS256', 'ES256'] as const) {
  say(`tokens ${algorithm} …`)
  tokens[algorithm] = await benchTokens(algorithm, effort)
}
say('start-up and memory …')
const footprint = await benchFootprint(quick ? 20_000 : 100_000)

const { json, markdown } = report({ effort, gateway, tokens, footprint })
const folder = resolve(import.meta.dirname, 'results')
mkdirSync(folder, { recursive: true })
writeFileSync(resolve(folder, 'latest.json'), json)
writeFileSync(resolve(folder, 'latest.md'), markdown)
process.stdout.write(markdown)
