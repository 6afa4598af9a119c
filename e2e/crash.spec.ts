import { expect, test } from './fixtures'
import { addresses } from './support/protected-api'

test.use({ workspaceKind: 'sample' })

test('an engine that crashes is started again where it was, and the window says so', async ({ desktop, page }) => {
  const { gateway } = await addresses(page)
  expect(await statusOf(`${gateway}/echo`)).toBe(401)

  // The next word to the engine's thread ends it, as a fault in native code would.
  await desktop.app.evaluate(() => {
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    const { postMessage } = Worker.prototype
    Worker.prototype.postMessage = function (this: InstanceType<typeof Worker>) {
      Worker.prototype.postMessage = postMessage
      void this.terminate()
    }
  })
  await page.evaluate(() => window.gatehouse.operation('domains.create', { name: 'Sent to a dying engine' }))

  const notice = page.getByRole('contentinfo', { name: 'Status' }).getByRole('button', { name: 'Engine restarted' })
  await notice.click()
  await expect(page.getByText('The engine stopped and was started again')).toBeVisible()
  await expect.poll(() => statusOf(`${gateway}/echo`)).toBe(401)
  await page.getByRole('button', { name: 'Got it' }).click()
  await expect(notice).toBeHidden()
})

/** 0 while nobody answers. */
function statusOf(address: string): Promise<number> {
  return fetch(address).then(
    ({ status }) => status,
    () => 0,
  )
}
