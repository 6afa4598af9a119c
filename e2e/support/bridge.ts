import type { Page } from '@playwright/test'
import type { OperationAnswer } from '@shared/bridge'
import type { OperationInput, OperationName, OperationOutput } from '@shared/operations'

/** Runs an operation through the window's bridge, for what a test needs to be there before it begins. */
export async function call<N extends OperationName>(
  page: Page,
  name: N,
  input: OperationInput<N>,
): Promise<OperationOutput<N>> {
  const answer: OperationAnswer = await page.evaluate(([name, input]) => window.gatehouse.operation(name, input), [
    name,
    input,
  ] as const)
  if (!answer.ok) throw new Error(`${name}: ${answer.problem.title} ${answer.problem.detail ?? ''}`)
  return answer.value as OperationOutput<N>
}

/** The names of scopes that were answered as saved, as the window's page keeps them while a test hammers. */
export async function hammerScopes(page: Page, domainId: string): Promise<void> {
  await page.evaluate((domainId) => {
    const saved: string[] = []
    Object.assign(window, { savedScopes: saved })
    const next = async (n: number): Promise<void> => {
      const answer = await window.gatehouse.operation('domains.saveScope', { domainId, scope: { key: `scope-${n}` } })
      if (answer.ok) saved.push(`scope-${n}`)
      return await next(n + 1)
    }
    void next(0)
  }, domainId)
}

/** How many the page of hammerScopes has seen saved. */
export async function savedScopes(page: Page): Promise<string[]> {
  return await page.evaluate(() => [...(window as unknown as { savedScopes: string[] }).savedScopes])
}
