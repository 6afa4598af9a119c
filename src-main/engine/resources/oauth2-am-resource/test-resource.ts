import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import type { ResourceTest } from '@shared/operations'
import type { OpenAuthorities } from '@shared/traffic'
import { trustRemedies } from '../../tls/certificate-fault'
import type { Connectors } from '../../tls/connector'
import type { LocalAuthorization } from '../resource'
import type { Configuration } from './configuration'
import { createIntrospectionClient } from './introspection-client'

/**
 * Does what the policy will do, with a token that nobody issued: reach the server, find the domain, be accepted, read the
 * answer. Stops at the first that fails, and says what to do about it.
 */
export async function testResource(
  settings: Configuration,
  local: LocalAuthorization,
  connectors: Connectors,
): Promise<ResourceTest> {
  const steps: ResourceTest['steps'] = []
  const client = createIntrospectionClient(settings, local, connectors)
  const failed = (sentence: string, remedy: string, remedies: readonly OpenAuthorities[] = []): ResourceTest => ({
    ok: false,
    sentence,
    remedy,
    ...(remedies.length === 0 ? {} : { remedies: [...remedies] }),
    steps,
  })
  try {
    const started = performance.now()
    const unreachable = client.isLocal() ? undefined : await reach(client.endpoint, settings.connectTimeout ?? 5000)
    steps.push({
      title: 'Server',
      ok: unreachable === undefined,
      sentence:
        unreachable ??
        (client.isLocal() ? "It is this workspace's own server" : `${client.endpoint.host} is reachable`),
      durationMs: performance.now() - started,
    })
    if (unreachable !== undefined)
      return failed(unreachable, 'Check the server URL, and that the authorization server runs.')

    const asked = performance.now()
    const answer = await client.introspect(randomBytes(24).toString('base64url'))
    const durationMs = performance.now() - asked
    const status =
      answer.outcome === 'unavailable' ? answer.evidence.find(({ label }) => label === 'Answer')?.value : '200'
    const step = (title: string, ok: boolean, sentence: string) => steps.push({ title, ok, sentence, durationMs })

    if (answer.outcome === 'unavailable' && status !== '401' && status !== '403') {
      step(answer.fault === undefined ? 'Domain' : 'Certificate', false, answer.sentence)
      return failed(
        answer.sentence,
        answer.fault?.remedy ??
          (status === '404'
            ? 'Check the security domain: it is the path of the domain.'
            : 'Look into the log of the authorization server, then try again.'),
        trustRemedies(answer.fault),
      )
    }
    step('Domain', true, `The domain ${settings.securityDomain} answers`)
    if (answer.outcome === 'unavailable') {
      step('Credentials', false, answer.sentence)
      return failed(
        answer.sentence,
        'Check the client ID and the client secret; a rotated secret must be filled in anew.',
      )
    }
    step('Credentials', true, `The client ${settings.clientId} is accepted`)
    if (answer.outcome === 'unreadable') {
      step('Introspection', false, answer.sentence)
      return failed(answer.sentence, 'Check that the URL is an authorization server with RFC 7662 introspection.')
    }
    if (answer.outcome === 'active') {
      const sentence = 'The server calls a random token active: it would let in everyone'
      step('Introspection', false, sentence)
      return failed(sentence, 'Do not use this server before that is repaired.')
    }
    step('Introspection', true, 'A random token is rightly called not active')
    return { ok: true, sentence: 'Introspection works with these settings', steps }
  } finally {
    client.close()
  }
}

/** Undefined when a connection is accepted, else why not. */
function reach(url: URL, timeout: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const socket = connect({ host, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)), timeout })
    const end = (result: string | undefined) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => end(undefined))
    socket.once('timeout', () => end(`${url.host} did not accept a connection within ${timeout} ms`))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(
        error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN'
          ? `The name ${url.hostname} is not known`
          : `${url.host} refuses the connection`,
      ),
    )
  })
}
