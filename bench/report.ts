import { readFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { resolve } from 'node:path'
import type { Footprint } from './footprint.ts'
import type { LiveTokens } from './live-tokens.ts'
import type { GatewayResults } from './gateway.ts'
import type { Effort, Measured } from './load.ts'
import type { ManyApis } from './many-apis.ts'
import type { ProtectionName } from './protections.ts'
import { PROXY_NAMES, proxyVersion } from './proxies.ts'
import type { TokenEffort } from './tokens.ts'
import type { TraceCost } from './trace-cost.ts'

/** What was measured; a part that was not asked for is missing. */
export interface Results {
  effort: Effort
  ofTokens: TokenEffort
  gateway?: GatewayResults
  trace?: TraceCost
  manyApis?: ManyApis[]
  /** By algorithm, then by grant. */
  tokens?: Record<string, Record<string, Measured[]>>
  introspection?: Measured[]
  liveTokens?: LiveTokens[]
  footprint?: Footprint
}

/** The bars; a ratio below its bar is marked, never hidden. */
const bars: Record<string, number> = {
  'RS256 client credentials/oidc-provider': 1.8,
  'ES256 client credentials/oidc-provider': 4,
  'introspection/oidc-provider': 3,
}

/** What the gateway is to reach: times the throughput of a peer that checks nothing. */
const gatewayBars: readonly (readonly [ProtectionName, peer: string, bar: number])[] = [
  ['oauth2, in process', 'bare-relay', 0.9],
  ['oauth2, in process', 'fastify-http-proxy', 1.5],
  ['jwt', 'bare-relay', 0.9],
  ['ten policies', 'bare-relay', 0.6],
]
/** Of the throughput, what a trace that nobody sees may take. */
const TRACE_BAR = 0.02
/** Milliseconds until a thousand APIs are ready. */
const READY_BAR = 3000

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
  const { effort, ofTokens, gateway, trace, manyApis, tokens = {}, introspection, liveTokens, footprint } = results
  const lines = [
    '# Measured',
    '',
    `${machine.at}, ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}.`,
    Object.entries(machine.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ') + '.',
    ...PROXY_NAMES.filter((name) => machine.versions[name] === undefined).map(
      (name) => `${name} is not installed here, and was left out.`,
    ),
    '',
    `${effort.connections} connections, ${effort.rounds} rounds of ${effort.seconds} s (tokens: ${ofTokens.seconds} s, or ${ofTokens.prepared} requests where each is another) in turns, the median round.`,
    'The load generator and the backend share the cores with the server under test, so the CPU column (time of the server process for one',
    'request) tells more than throughput does.',
    '',
    ...(gateway === undefined ? [] : ofGateway(gateway)),
    ...(trace === undefined ? [] : ofTraceCost(trace)),
    ...(manyApis === undefined ? [] : ofManyApis(manyApis)),
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

const met = (isMet: boolean) => (isMet ? 'met' : '**missed**')
const rounded = (value: number) => Math.round(value).toLocaleString('en')

/** Every protection against every peer, what was to be reached, and bodies of several sizes. */
function ofGateway({ protections, peers, bodies }: GatewayResults): string[] {
  const ratio = (ours: Measured, peer: Measured) => `${(ours.perSecond / peer.perSecond).toFixed(2)} ×`
  const numbers = ({ name, perSecond, p50, p99, cpuPerRequest }: Measured) =>
    `| ${name} | ${rounded(perSecond)} | ${p50} | ${p99} | ${cpuPerRequest.toFixed(0)} |`
  const head = (columns: readonly Measured[]) => [
    `| | requests/s | p50 ms | p99 ms | CPU µs/request |${columns.map(({ name }) => ` of ${name} |`).join('')}`,
    `|---|---:|---:|---:|---:|${columns.map(() => '---:|').join('')}`,
  ]
  const reached = gatewayBars.flatMap(([protection, peerName, bar]) => {
    const ours = protections.find(({ name }) => name === protection)
    const peer = peers.find(({ name }) => name === peerName)
    if (ours === undefined || peer === undefined) return []
    const times = ours.perSecond / peer.perSecond
    return [`| ${protection} | ${peerName} | ${bar} | ${times.toFixed(2)} | ${met(times >= bar)} |`]
  })
  return [
    '## Gateway, each kind of protection against relays that check nothing',
    '',
    ...head(peers),
    ...protections.map((ours) => `${numbers(ours)}${peers.map((peer) => ` ${ratio(ours, peer)} |`).join('')}`),
    ...peers.map((peer) => `${numbers(peer)}${peers.map(() => ' |').join('')}`),
    '',
    '| to be reached by | of | at least | reached | |',
    '|---|---|---:|---:|---|',
    ...reached,
    '',
    '## Gateway (OAuth2, in process), bodies of several sizes',
    '',
    ...bodies.flatMap(({ title, measured: [ours, ...others] }) => [
      `### ${title}`,
      '',
      ...head(others),
      ...(ours === undefined ? [] : [`${numbers(ours)}${others.map((peer) => ` ${ratio(ours, peer)} |`).join('')}`]),
      ...others.map((peer) => `${numbers(peer)}${others.map(() => ' |').join('')}`),
      '',
    ]),
  ]
}

function ofTraceCost({ measured: [whole, untraced], leftOut }: TraceCost): string[] {
  // Round by round, since each pair ran within the same seconds.
  const ratios = whole.rounds.map((perSecond, round) => perSecond / untraced.rounds[round]!).toSorted((a, b) => a - b)
  const lost = 1 - ratios[Math.floor(ratios.length / 2)]!
  const row = ({ name, perSecond, p50, p99, cpuPerRequest }: Measured) =>
    `| ${name} | ${rounded(perSecond)} | ${p50} | ${p99} | ${cpuPerRequest.toFixed(1)} |`
  return [
    '## The trace when nobody looks (OAuth2, in process)',
    '',
    `The same source built twice; in the second build the ${leftOut} places that speak to a trace are left out.`,
    '',
    '| | requests/s | p50 ms | p99 ms | CPU µs/request |',
    '|---|---:|---:|---:|---:|',
    row(whole),
    row(untraced),
    '',
    `Of the throughput it takes ${(lost * 100).toFixed(1)} % (the median of ${ratios.length} pairs of rounds), of the CPU time ${((whole.cpuPerRequest / untraced.cpuPerRequest - 1) * 100).toFixed(1)} % (bar ${TRACE_BAR * 100} %: ${met(lost < TRACE_BAR)}).`,
    '',
  ]
}

function ofManyApis(all: ManyApis[]): string[] {
  const most = all.at(-1)
  return [
    '## Many APIs of 20 flows each (`gatehouse serve`)',
    '',
    '| APIs | ready after ms | MiB at rest | requests/s to the last | p50 ms | p99 ms | CPU µs/request |',
    '|---:|---:|---:|---:|---:|---:|---:|',
    ...all.map(
      ({ count, readyMs, atRestMiB, measured: { perSecond, p50, p99, cpuPerRequest } }) =>
        `| ${rounded(count)} | ${rounded(readyMs)} | ${rounded(atRestMiB)} | ${rounded(perSecond)} | ${p50} | ${p99} | ${cpuPerRequest.toFixed(0)} |`,
    ),
    '',
    ...(most === undefined
      ? []
      : [
          `${rounded(most.count)} APIs are ready after ${rounded(most.readyMs)} ms (bar ${rounded(READY_BAR)} ms: ${met(most.readyMs < READY_BAR)}).`,
          '',
        ]),
  ]
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
  const ofNode = names.map((name): [string, string] => {
    const file = resolve(import.meta.dirname, '../node_modules', name, 'package.json')
    return [name, (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version]
  })
  const ofProxies = PROXY_NAMES.flatMap((name): [string, string][] => {
    const version = proxyVersion(name)
    return version === undefined ? [] : [[name, version]]
  })
  return Object.fromEntries([...ofNode, ...ofProxies])
}
