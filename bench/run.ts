/**
 * `npm run bench [-- [--quick] [part…]]`: everything, or the named parts, in one run on this machine, each as a ratio to a peer, written as
 * tables to bench/results/latest.json and latest.md; with parts, only printed. `--quick` takes a third of the time, for a look while working.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { benchFootprint } from './footprint.ts'
import { benchGateway } from './gateway.ts'
import { benchIntrospection } from './introspection.ts'
import { benchLiveTokens } from './live-tokens.ts'
import { benchManyApis } from './many-apis.ts'
import { report, type Results } from './report.ts'
import { type Algorithm, benchTokens } from './tokens.ts'
import { benchTraceCost } from './trace-cost.ts'

const PARTS = ['gateway', 'trace', 'many-apis', 'tokens', 'introspection', 'live-tokens', 'footprint'] as const
type Part = (typeof PARTS)[number]

const quick = process.argv.includes('--quick')
const named = process.argv.slice(2).filter((argument) => argument !== '--quick')
const unknown = named.filter((name) => !PARTS.includes(name as Part))
if (unknown.length > 0) {
  process.stderr.write(`There is no part ${unknown.join(', ')}. The parts are ${PARTS.join(', ')}.\n`)
  process.exit(2)
}
const wants = (part: Part) => named.length === 0 || named.includes(part)

const effort = { connections: 50, seconds: quick ? 2 : 4, rounds: quick ? 3 : 5, warmUpSeconds: quick ? 3 : 5 }
const ofBodies = { ...effort, seconds: quick ? 1 : 2, rounds: quick ? 2 : 3, warmUpSeconds: 1 }
const ofTrace = { ...effort, seconds: 2, rounds: quick ? 6 : 15 }
const ofMany = { ...effort, seconds: 2, rounds: quick ? 3 : 5 }
const ofTokens = {
  ...effort,
  seconds: quick ? 1 : 2,
  rounds: quick ? 3 : 4,
  prepared: quick ? 600 : 2000,
  warmUpSeconds: quick ? 3 : 5,
}
const say = (text: string) => process.stderr.write(`${text}\n`)

const results: Results = { effort, ofTokens }
if (wants('gateway')) {
  say('gateway …')
  results.gateway = await benchGateway(effort, ofBodies)
}
if (wants('trace')) {
  say('the trace that nobody sees …')
  results.trace = await benchTraceCost(ofTrace)
}
if (wants('many-apis')) {
  say('many APIs …')
  results.manyApis = await benchManyApis([1, 100, 1000], ofMany)
}
if (wants('tokens')) {
  results.tokens = {}
  for (const algorithm of ['HS256', 'RS256', 'ES256', 'EdDSA'] satisfies Algorithm[]) {
    say(`tokens ${algorithm} …`)
    results.tokens[algorithm] = await benchTokens(algorithm, ofTokens)
  }
}
if (wants('introspection')) {
  say('introspection …')
  results.introspection = await benchIntrospection(effort)
}
if (wants('live-tokens')) {
  results.liveTokens = []
  for (const count of [1000, quick ? 10_000 : 100_000]) {
    say(`${count} live refresh tokens …`)
    results.liveTokens.push(await benchLiveTokens(count, ofTokens))
  }
}
if (wants('footprint')) {
  say('start-up and memory …')
  results.footprint = await benchFootprint(quick ? 20_000 : 100_000)
}

const { json, markdown } = report(results)
if (named.length === 0) {
  const folder = resolve(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(resolve(folder, 'latest.json'), json)
  writeFileSync(resolve(folder, 'latest.md'), markdown)
}
process.stdout.write(markdown)
