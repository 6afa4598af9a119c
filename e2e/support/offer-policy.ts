import type { ElectronApplication, Page } from '@playwright/test'
import { channels, type OperationAnswer } from '@shared/bridge'
import type { Catalogue, PolicyEntry } from '@shared/catalogue'

type Answer = (event: unknown, name: string, input: unknown) => Promise<OperationAnswer>

/** Has the window offer a policy that the engine does not have, to see its form drawn; takes effect with a reload. */
export async function offerPolicy(app: ElectronApplication, page: Page, policy: PolicyEntry): Promise<void> {
  await app.evaluate(
    ({ ipcMain }, { channel, policy }) => {
      // Electron has no way to ask for a handler; its own map has it.
      const { _invokeHandlers: handlers } = ipcMain as unknown as { _invokeHandlers: Map<string, Answer> }
      const answer = handlers.get(channel)
      if (!answer) throw new Error('Nobody answers operations')
      handlers.set(channel, async (event, name, input) => {
        const given = await answer(event, name, input)
        if (name !== 'catalogue.get' || !given.ok) return given
        const catalogue = given.value as Catalogue
        return { ...given, value: { ...catalogue, policies: [...catalogue.policies, policy] } }
      })
    },
    { channel: channels.operation, policy },
  )
  await page.reload()
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
}
