import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef, watch } from 'vue'
import { actsForItself } from '@shared/application-kinds'
import type { ConsoleExchange, ConsoleRequest, ConsoleToken, HeaderList, SavedRequest } from '@shared/console'
import type { Problem } from '@shared/problem'
import { call, toProblem } from '@/client'
import type { TokenWanted } from '@/components/why/useRemedy'
import { apiAt, offeredKeys, type OfferedKey } from './offered-keys'
import { useEngine } from '@/stores/engine'
import { useWorkspace } from '@/stores/workspace'

/** A call of this session, to look at and send again. */
export interface Sent {
  readonly id: number
  readonly at: number
  readonly request: ConsoleRequest
  /** What came back; without it `problem` says why nothing did. */
  readonly exchange?: ConsoleExchange
  readonly problem?: Problem
}

export type Tab = 'authorization' | 'headers' | 'query' | 'body'
/** Calls of this session that are kept. */
const KEPT = 50

/** The console: the request being made, its token, what came back, and what was sent before. Lives as long as the window. */
export const useConsole = defineStore('console', () => {
  const engine = useEngine()
  const workspace = useWorkspace()

  const request = reactive({ method: 'GET', url: '', headers: [] as HeaderList, body: '' })
  const authorization = reactive({
    kind: 'application' as 'none' | 'application' | 'pasted' | 'api-key',
    domainId: '',
    applicationId: '',
    scopes: [] as string[],
    pasted: '',
    /** Of the key of a subscription that is sent along. */
    keyId: '',
  })
  /** The keys of subscriptions that are good now. */
  const apiKeys = shallowRef<readonly OfferedKey[]>([])
  const token = shallowRef<ConsoleToken>()
  /** Whose token it is, to get it anew. */
  const tokenOf = ref<{ domainId: string; applicationId: string; scopes: string[] }>()
  const tab = ref<Tab>('authorization')
  const history = shallowRef<Sent[]>([])
  const shown = shallowRef<Sent>()
  const saved = shallowRef<SavedRequest[]>([])
  const sending = ref(false)
  const gettingToken = ref(false)
  const problem = ref<Problem>()
  const tokenProblem = ref<Problem>()
  /** Set when a person has to choose an application; the tab takes the focus there. */
  const mustChoose = ref(false)

  const applications = computed(() =>
    workspace.domains
      .filter(({ enabled }) => enabled)
      .flatMap((domain) => domain.applications.filter(actsForItself).map((application) => ({ domain, application }))),
  )
  const domain = computed(
    () =>
      workspace.domainById(authorization.domainId) ??
      (workspace.domains.length === 1 ? workspace.domains[0] : undefined),
  )
  /** The applications of the domain that get tokens by client credentials, the only grant that needs no login. */
  const able = computed(() => domain.value?.applications.filter(actsForItself) ?? [])
  const application = computed(
    () =>
      able.value.find(({ id }) => id === authorization.applicationId) ??
      (able.value.length === 1 ? able.value[0] : undefined),
  )

  /** The key that was chosen, else the only one of the API that is called: another API has no use for it, and its backend might get it. */
  const apiKey = computed(() => {
    const chosen = apiKeys.value.find(({ keyId }) => keyId === authorization.keyId)
    if (chosen) return chosen
    const called = apiAt(request.url, engine.gatewayAddress, workspace.apis)
    const ofApi = apiKeys.value.filter(({ apiId }) => apiId === called)
    return ofApi.length === 1 ? ofApi[0] : undefined
  })
  async function loadApiKeys(): Promise<void> {
    apiKeys.value = await offeredKeys(workspace.apis.map(({ definition }) => definition))
  }

  const bearer = computed(() => {
    if (authorization.kind === 'pasted') return authorization.pasted.trim()
    return authorization.kind === 'application' ? (token.value?.accessToken ?? '') : ''
  })
  /** The request as it goes out, with its token. */
  const outgoing = computed<ConsoleRequest>(() => {
    const headers = request.headers.filter(({ name }) => name.trim() !== '')
    const own = headers.some(({ name }) => name.toLowerCase() === 'authorization')
    return {
      method: request.method,
      url: request.url.trim(),
      headers: [
        ...headers,
        ...(bearer.value && !own ? [{ name: 'Authorization', value: `Bearer ${bearer.value}` }] : []),
      ],
      ...(request.body && request.method !== 'GET' && request.method !== 'HEAD' ? { body: request.body } : {}),
    }
  })

  async function send(): Promise<void> {
    if (sending.value) return
    if (outgoing.value.url === '') {
      const remedy = `Write where to send the request, such as ${engine.gatewayAddress}/echo.`
      const title = 'The request has no address'
      const errors = [{ field: '/request/url', message: title, remedy }]
      problem.value = { key: 'INPUT_INVALID', status: 400, title, remedy, errors }
      return
    }
    sending.value = true
    problem.value = undefined
    const sent = JSON.parse(JSON.stringify(outgoing.value)) as ConsoleRequest
    try {
      const key = authorization.kind === 'api-key' ? apiKey.value : undefined
      const sentKey = key && { apiKey: { apiId: key.apiId, subscriptionId: key.subscriptionId, keyId: key.keyId } }
      remember({ request: sent, exchange: await call('console.send', { request: sent, ...sentKey }) })
    } catch (error) {
      const failure = toProblem(error)
      problem.value = failure
      // The answer before it would read as this request's.
      shown.value = undefined
      if (failure.key.startsWith('CALL_')) remember({ request: sent, problem: failure })
    } finally {
      sending.value = false
    }
  }

  function remember(call: Omit<Sent, 'id' | 'at'>): void {
    const entry = { id: Date.now(), at: Date.now(), ...call }
    history.value = [entry, ...history.value].slice(0, KEPT)
    shown.value = entry
  }
  /** Shows a call of the history with what came of it, and takes its request up. */
  function look(entry: Sent): void {
    shown.value = entry
    problem.value = entry.problem
    repeat(entry)
  }

  /** Gets a token for the chosen application; answers whether there is one. */
  async function getToken(): Promise<boolean> {
    if (gettingToken.value) return false
    if (!domain.value || !application.value) {
      ask()
      return false
    }
    gettingToken.value = true
    tokenProblem.value = undefined
    const wanted = {
      domainId: domain.value.id,
      applicationId: application.value.id,
      scopes: [...authorization.scopes],
    }
    try {
      token.value = await call('console.getToken', wanted)
      tokenOf.value = wanted
      authorization.kind = 'application'
      mustChoose.value = false
      return true
    } catch (error) {
      tokenProblem.value = toProblem(error)
      tab.value = 'authorization'
      return false
    } finally {
      gettingToken.value = false
    }
  }

  function clearToken(): void {
    token.value = tokenOf.value = undefined
  }

  function ask(): void {
    authorization.kind = 'application'
    tab.value = 'authorization'
    mustChoose.value = true
  }

  /** Gets the token that a refusal asks for, where one application can serve, and sends; else the person chooses. */
  async function getTokenAndSend(wanted: TokenWanted): Promise<void> {
    const fits = applications.value.filter(
      ({ domain: each, application: app }) =>
        (!wanted.domainPath || each.path === wanted.domainPath) &&
        (!wanted.clientId || app.clientId === wanted.clientId) &&
        wanted.scopes.every((scope) => app.scopeSettings.some((held) => held.scope === scope)),
    )
    authorization.kind = 'application'
    authorization.scopes = [...wanted.scopes]
    const chosen = fits.find(({ application: app }) => app.id === authorization.applicationId)
    const [only] = fits.length === 1 ? fits : chosen ? [chosen] : []
    const where = workspace.domains.find(({ path }) => path === wanted.domainPath)
    if (!only) {
      if (where) authorization.domainId = where.id
      ask()
      return
    }
    authorization.domainId = only.domain.id
    authorization.applicationId = only.application.id
    if (await getToken()) await send()
  }

  // A server that has been turned to HTTPS, or back, is called as it is now.
  watch([() => engine.gatewayAddress, () => engine.authorizationAddress], () => {
    request.url = engine.withOwnScheme(request.url)
  })

  /** Sets the request to a call of an API. */
  function use(method: string, path: string): void {
    request.method = method
    request.url = `${engine.gatewayAddress}${path}`
  }
  function repeat(entry: { request: ConsoleRequest }): void {
    request.method = entry.request.method
    request.url = engine.withOwnScheme(entry.request.url)
    request.headers = entry.request.headers
      .filter(({ name }) => name.toLowerCase() !== 'authorization')
      .map((each) => ({ ...each }))
    request.body = entry.request.body ?? ''
  }
  function openSaved(entry: SavedRequest): void {
    repeat(entry)
    const { kind } = entry.authorization
    if (kind === 'application' || kind === 'api-key') Object.assign(authorization, entry.authorization)
    else authorization.kind = kind
  }

  async function loadSaved(): Promise<void> {
    saved.value = await call('console.list', {})
  }
  function savedAuthorization(): SavedRequest['authorization'] {
    const { kind, domainId, applicationId, scopes } = authorization
    if (kind === 'application' && domainId && applicationId) return { kind, domainId, applicationId, scopes }
    if (kind === 'api-key' && apiKey.value) {
      const { apiId, subscriptionId, keyId } = apiKey.value
      return { kind, apiId, subscriptionId, keyId }
    }
    return { kind: kind === 'pasted' ? 'pasted' : 'none' }
  }
  async function save(name: string): Promise<void> {
    const entry: SavedRequest = {
      id: crypto.randomUUID(),
      name,
      request: {
        method: request.method,
        url: request.url,
        headers: request.headers.filter(({ name: each }) => each.trim() && each.toLowerCase() !== 'authorization'),
        ...(request.body ? { body: request.body } : {}),
      },
      authorization: savedAuthorization(),
    }
    await call('console.save', { request: entry })
    await loadSaved()
  }
  async function forget(entry: SavedRequest): Promise<() => Promise<void>> {
    await call('console.delete', { requestId: entry.id })
    await loadSaved()
    return async () => {
      await call('console.save', { request: entry })
      await loadSaved()
    }
  }

  return {
    request,
    authorization,
    apiKeys,
    apiKey,
    loadApiKeys,
    token,
    tokenOf,
    tab,
    history,
    shown,
    saved,
    sending,
    gettingToken,
    problem,
    tokenProblem,
    mustChoose,
    domain,
    able,
    application,
    outgoing,
    send,
    getToken,
    clearToken,
    getTokenAndSend,
    use,
    look,
    openSaved,
    loadSaved,
    save,
    forget,
  }
})
