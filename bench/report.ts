import { readFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { resolve } from 'node:path'
import type { Footprint } from './footprint.ts'
import type { LiveTokens } from './live-tokens.ts'
import type { Effort, Measured } from './load.ts'
import type { TokenEffort } from './tokens.ts'

/** What was measured; a part that was not asked for is missing. */
export interface Results {
  effort: Effort
  ofTokens: TokenEffort
  gateway?: Measured[]
  /** By algorithm, then by grant. */
  tokens?: Record<string, Record<string, Measured[]>>
  introspection?: Measured[]
  liveTokens?: LiveTokens[]
  footprint?: Footprint
}

/** The bars; a ratio below its bar is marked, never hidden. */
const bars: Record<string, number> = {
  'gateway/bare-relay': 0.8,
  'gateway/fastify-http-proxy': 1.3,
  'RS256 client credentials/oidc-provider': 1.8,
  'ES256 client credentials/oidc-provider': 4,
  'introspection/oidc-provider': 3,
}

/** The results as JSON and as a Markdown table, with the machine and the versions they were measured with. */
export function report(results: Results): { json: string; markdown: string } {
  const machine = {
    at: new Date().toISOString(),
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    versions: versions(
      'fastify',
      'undici',
      'jose',
      '@fastify/http-proxy',
      'http-proxy',
      'oidc-provider',
      'oauth2-mock-server',
    ),
  }
  const { effort, ofTokens, gateway, tokens = {}, introspection, liveTokens, footprint } = results
  const lines = [
    '# Measured',
    '',
    `${machine.at}, ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}.`,
    Object.entries(machine.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ') + '.',
    '',
    `${effort.connections} connections, ${effort.rounds} rounds of ${effort.seconds} s (tokens: ${ofTokens.seconds} s, or ${ofTokens.prepared} requests where each is another) in turns, the median round.`,
    'The load generator and the backend share the cores with the server under test, so the CPU column (time of the server process for one',
    'request) tells more than throughput does.',
    '',
    ...table(
      'Protected gateway (OAuth2, token checked in process) against relays that check nothing',
      'gateway',
      gateway ?? [],
    ),
    ...Object.entries(tokens).flatMap(([algorithm, byGrant]) =>
      Object.entries(byGrant).flatMap(([grant, measured]) =>
        table(`Tokens, ${grant}, ${algorithm}`, `${algorithm} ${grant}`, measured),
      ),
    ),
    ...table('Introspection over HTTP', 'introspection', introspection ?? []),
    ...(liveTokens === undefined ? [] : ofLiveTokens(liveTokens)),
    ...(footprint === undefined ? [] : ofFootprint(footprint)),
  ]
  return { json: `${JSON.stringify({ machine, ...results }, null, 2)}\n`, markdown: lines.join('\n') }
}

function ofLiveTokens(measured: LiveTokens[]): string[] {
  return [
    '## Live refresh tokens (`gatehouse serve`, started anew with them)',
    '',
    '| tokens | ready after ms | MiB at rest | MiB after refreshes | refreshes/s | p50 ms | p99 ms |',
    '|---:|---:|---:|---:|---:|---:|---:|',
    ...measured.map(
      ({ count, readyMs, atRestMiB, afterMiB, perSecond, p50, p99 }) =>
        `| ${[count, readyMs, atRestMiB, afterMiB, perSecond].map((value) => Math.round(value).toLocaleString('en')).join(' | ')} | ${p50} | ${p99} |`,
    ),
    '',
  ]
}

function ofFootprint({ readyMs, firstAnswerMs, atRestMiB, after100kMiB, requests }: Footprint): string[] {
  return [
    '## Start-up and memory (`gatehouse serve`)',
    '',
    '| what | value |',
    '|---|---|',
    `| start of the process to the ready line | ${readyMs.toFixed(0)} ms |`,
    `| start of the process to the first answered request | ${firstAnswerMs.toFixed(0)} ms |`,
    `| resident memory at rest | ${atRestMiB.toFixed(0)} MiB |`,
    `| resident memory after ${requests.toLocaleString('en')} requests | ${after100kMiB.toFixed(0)} MiB |`,
    '',
  ]
}

function table(title: string, section: string, measured: Measured[]): string[] {
  const [ours, ...peers] = measured
  if (!ours) return []
  const row = (m: Measured, ratio: string) =>
    `| ${m.name} | ${Math.round(m.perSecond).toLocaleString('en')} | ${m.p50} | ${m.p99} | ${m.cpuPerRequest.toFixed(0)} | ${ratio} |`
  return [
    `## ${title}`,
    '',
    '| | requests/s | p50 ms | p99 ms | CPU µs/request | Gatehouse is |',
    '|---|---:|---:|---:|---:|---|',
    row(ours, ''),
    ...peers.map((m) => {
      const ratio = ours.perSecond / m.perSecond
      const bar = bars[`${section}/${m.name}`]
      const judged = bar === undefined ? '' : ratio >= bar ? ` (bar ${bar}: met)` : ` (bar ${bar}: **missed**)`
      return row(m, `${ratio.toFixed(2)} ×${judged}`)
    }),
    '',
  ]
}

function versions(...names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const file = resolve(import.meta.dirname, '../node_modules', name, 'package.json')
      return [name, (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version]
    }),
  )
}
