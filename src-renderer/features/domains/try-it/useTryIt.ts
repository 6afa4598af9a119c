import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { LoginWindowMessage } from '@shared/login-window'
import type { OperationInput } from '@shared/operations'
import type { TryItExchange } from '@shared/try-it'
import {
  asked,
  blocked,
  cameBack,
  gotByItself,
  ofBrowser,
  prepared,
  pushed,
  redeemed,
  refreshed,
  revoked,
  sentAway,
  type Step,
} from './steps'
import { call, onLogin, shell, toProblem } from '@/client'
import { useAction } from '@/composables/useAction'

type AttemptOperation = 'tryIt.redeem' | 'tryIt.userinfo' | 'tryIt.refresh' | 'tryIt.revoke'

/** A flow that is gone step by step: what has happened, and what can be done next. */
export function useTryIt() {
  const steps = shallowRef<readonly Step[]>([])
  const attemptId = ref<string>()
  /** How the login window stands. */
  const login = ref<'none' | 'open' | 'closed'>('none')
  /** Why it closed without an answer. */
  const notice = ref<string>()
  const hasCode = ref(false)
  const hasTokens = ref(false)
  const hasRefreshToken = ref(false)
  const isOpenId = ref(false)
  const { busy, problem, run } = useAction()

  const add = (...newer: Step[]) => (steps.value = [...steps.value, ...newer])

  function reset(): void {
    steps.value = []
    attemptId.value = undefined
    login.value = 'none'
    notice.value = undefined
    hasCode.value = hasTokens.value = hasRefreshToken.value = isOpenId.value = false
  }

  const start = (input: OperationInput<'tryIt.begin'>, keepsSession: boolean) =>
    run(async () => {
      await shell({ do: 'close-login' })
      reset()
      const begun = await call('tryIt.begin', input)
      attemptId.value = begun.attemptId
      add(prepared(begun))
      if (begun.pushed) add(pushed(begun.pushed))
      if (begun.address === undefined) return
      add(sentAway(begun.address))
      login.value = 'open'
      await shell({ do: 'open-login', attemptId: begun.attemptId, keepsSession }).catch((error: unknown) => {
        login.value = 'closed'
        throw error
      })
    })

  const startByItself = (input: OperationInput<'tryIt.clientCredentials'>) =>
    run(async () => {
      reset()
      add(gotByItself(await call('tryIt.clientCredentials', input)))
    })

  function take(message: LoginWindowMessage): void {
    if (message.attemptId !== attemptId.value) return
    if (message.kind === 'exchange') return void add(ofBrowser(message))
    if (message.kind === 'blocked') return void add(blocked(message.address))
    if (message.kind === 'closed') {
      login.value = 'closed'
      if (message.why === 'by-person') notice.value = 'The login window was closed before an answer came. Start anew.'
      if (message.why === 'failed') notice.value = `The login page did not load: ${message.reason}. Start anew.`
      return
    }
    const parameters = [...message.parameters]
    call('tryIt.receive', { attemptId: message.attemptId, parameters }).then(
      (answer) => {
        hasCode.value = answer.code
        add(cameBack(message, answer))
      },
      (error: unknown) => (problem.value = toProblem(error)),
    )
  }
  const stop = onLogin(take)
  onScopeDispose(() => {
    stop()
    // A window whose page is gone closes by itself.
    void shell({ do: 'close-login' }).catch(() => undefined)
  })

  /** Sends the next message of the back channel. */
  const send = (name: AttemptOperation, stepOf: (exchange: TryItExchange) => Step) =>
    run(async () => {
      const exchange = await call(name, { attemptId: attemptId.value ?? '' })
      if (name === 'tryIt.redeem') hasCode.value = false
      if (exchange.tokens.length > 0) {
        hasTokens.value = true
        hasRefreshToken.value = exchange.tokens.some(({ kind }) => kind === 'refresh_token') || hasRefreshToken.value
        isOpenId.value = exchange.tokens.some(({ kind }) => kind === 'id_token') || isOpenId.value
      }
      add(stepOf(exchange))
    })

  return {
    steps,
    login,
    notice,
    busy,
    problem,
    start,
    startByItself,
    closeLogin: () =>
      run(async () => {
        await shell({ do: 'close-login' })
        login.value = 'closed'
        notice.value = 'The login window was closed before an answer came. Start anew.'
      }),
    next: computed(() => ({
      redeem: hasCode.value,
      userinfo: hasTokens.value && isOpenId.value,
      refresh: hasTokens.value && hasRefreshToken.value,
      revoke: hasTokens.value,
    })),
    redeem: () => send('tryIt.redeem', redeemed),
    userinfo: () => send('tryIt.userinfo', asked),
    refresh: () => send('tryIt.refresh', refreshed),
    revoke: () => send('tryIt.revoke', revoked),
  }
}
