import { EngineRefusal, type FromEngine, type ToEngine } from '../messages'

type Answer = Extract<FromEngine, { type: 'answer' }>
type Asking = Extract<ToEngine, { call: number }>
/** What is asked of the engine, before it has its number. */
export type Question = Asking extends infer A ? (A extends Asking ? Omit<A, 'call'> : never) : never

interface Pending {
  readonly message: Asking
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Questions to the engine and their answers, matched by number. While there is no engine, questions wait. */
export interface Calls {
  /** Rejects with EngineRefusal when the engine does not want it, or with the reason of `close`. */
  ask(question: Question): Promise<unknown>
  /** Asks before those that wait. */
  askFirst(question: Question): Promise<unknown>
  answered(answer: Answer): void
  /** An engine is there: what has waited is asked. */
  open(): void
  /** The engine is gone: what it was asked is rejected with the reason. */
  close(reason: string): void
  /** No engine will come: what waits is rejected too. */
  giveUp(reason: string): void
}

export function createCalls(post: (message: ToEngine) => void): Calls {
  const asked = new Map<number, Pending>()
  const waiting: Pending[] = []
  let isOpen = false
  let number = 0

  const pose = (question: Question, send: (pending: Pending) => void): Promise<unknown> =>
    new Promise((resolve, reject) => {
      send({ message: { ...question, call: ++number } as Asking, resolve, reject }) // a question with its number
    })

  function send(pending: Pending): void {
    asked.set(pending.message.call, pending)
    post(pending.message)
  }

  function close(reason: string): void {
    isOpen = false
    const lost = [...asked.values()]
    asked.clear()
    for (const { reject } of lost) reject(new Error(reason))
  }

  return {
    ask: (question) => pose(question, (pending) => (isOpen ? send(pending) : void waiting.push(pending))),
    askFirst: (question) => pose(question, send),
    answered(answer) {
      const pending = asked.get(answer.call)
      asked.delete(answer.call)
      if (answer.ok) pending?.resolve(answer.value)
      else pending?.reject(new EngineRefusal(answer.message, answer.problems))
    },
    open() {
      isOpen = true
      for (const pending of waiting.splice(0)) send(pending)
    },
    close,
    giveUp(reason) {
      close(reason)
      for (const { reject } of waiting.splice(0)) reject(new Error(reason))
    },
  }
}
