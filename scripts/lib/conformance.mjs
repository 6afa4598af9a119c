import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { root } from './project.mjs'

/** What the texts are called that tests name. */
const titles = {
  'RFC 6749': 'The OAuth 2.0 Authorization Framework',
  'RFC 6750': 'Bearer Token Usage',
  'RFC 7009': 'Token Revocation',
  'RFC 7230': 'HTTP/1.1 Message Syntax and Routing',
  'RFC 7515': 'JSON Web Signature',
  'RFC 7516': 'JSON Web Encryption',
  'RFC 7517': 'JSON Web Key',
  'RFC 7518': 'JSON Web Algorithms',
  'RFC 7519': 'JSON Web Token',
  'RFC 7521': 'Assertion Framework for Client Authentication',
  'RFC 7523': 'JWT Profile for Client Authentication',
  'RFC 7636': 'Proof Key for Code Exchange',
  'RFC 7638': 'JWK Thumbprint',
  'RFC 7662': 'Token Introspection',
  'RFC 8037': 'CFRG Curves in JOSE',
  'RFC 8176': 'Authentication Method Reference Values',
  'RFC 8252': 'OAuth 2.0 for Native Apps',
  'RFC 8414': 'Authorization Server Metadata',
  'RFC 8705': 'Mutual-TLS Client Authentication',
  'RFC 8707': 'Resource Indicators',
  'RFC 8725': 'JSON Web Token Best Current Practices',
  'RFC 9068': 'JWT Profile for Access Tokens',
  'RFC 9110': 'HTTP Semantics',
  'RFC 9112': 'HTTP/1.1',
  'RFC 9126': 'Pushed Authorization Requests',
  'RFC 9207': 'Authorization Server Issuer Identification',
  'RFC 9457': 'Problem Details for HTTP APIs',
  'RFC 9700': 'Best Current Practice for OAuth 2.0 Security',
}

const SECTION = String.raw`(?:§\d+(?:\.\d+)*|[Aa]ppendix [A-Z](?:\.\d+)?)`
const CITATION = new RegExp(
  String.raw`(RFC \d{4}|OpenID Connect [A-Z][A-Za-z]*|OpenID RP-Initiated Logout)(?: 1\.0)?((?: ${SECTION}(?:(?:,| to| and) ${SECTION})*)?)`,
  'g',
)

/**
 * The places of texts that a test's name cites: `(RFC 6749 §3.1, §3.2)` gives two. A text without a section is cited as a whole.
 *
 * @returns {{ text: string, section: string }[]}
 */
export function citationsIn(name) {
  return [...name.matchAll(CITATION)].flatMap(([, text, sections]) => {
    const found = sections.match(new RegExp(SECTION, 'g')) ?? ['']
    return found.map((section) => ({ text, section: section.replace(/^A/, 'a') }))
  })
}

/**
 * Rows of the table: every test of Vitest's JSON report that cites a text, once for each place that it cites.
 *
 * @returns {{ text: string, section: string, test: string, file: string, result: string }[]}
 */
export function conformanceRows(report) {
  return report.testResults.flatMap((suite) =>
    suite.assertionResults.flatMap(({ fullName, status }) =>
      citationsIn(fullName).map((citation) => ({
        ...citation,
        test: fullName,
        file: relative(root, suite.name).replaceAll('\\', '/'),
        result: status,
      })),
    ),
  )
}

/** docs/conformance.md, as the run whose report stands in the file shows it. */
export function conformanceText(reportFile) {
  const rows = conformanceRows(JSON.parse(readFileSync(reportFile, 'utf8')))
  const texts = [...new Set(rows.map(({ text }) => text))].sort(byNumber)
  const failed = rows.filter(({ result }) => result !== 'passed').length
  return [
    '# Conformance',
    '',
    'Which section of which text is proved by which test. `npm run conformance` writes this page from a test run, and `npm test` fails when the page says anything',
    'else than its own run did: each test named here stands in the code with the section in its name, and goes through the real server.',
    '',
    `${rows.length} proofs in ${texts.length} texts; ${failed === 0 ? 'all passed' : `${failed} did not pass`}.`,
    '',
    ...texts.flatMap((text) =>
      section(
        text,
        rows.filter((row) => row.text === text),
      ),
    ),
  ].join('\n')
}

function section(text, rows) {
  const sorted = rows.toSorted((a, b) => byNumber(a.section, b.section) || byNumber(a.test, b.test))
  return [
    `## ${text}${titles[text] ? `: ${titles[text]}` : ''}`,
    '',
    '| section | test | result |',
    '|---|---|---|',
    ...sorted.map(
      ({ section, test, file, result }) => `| ${section || 'whole'} | [${escaped(test)}](../${file}) | ${result} |`,
    ),
    '',
  ]
}

const byNumber = (a, b) => a.localeCompare(b, 'en', { numeric: true })
const escaped = (text) =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll(/[|[\]<>*_`]/g, '\\$&')
    .replaceAll(/\s+/g, ' ')
