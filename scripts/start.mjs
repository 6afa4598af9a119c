// npm start [-- DIR]: from a fresh clone to the open window. Without DIR the sample workspace is opened, and made first
// when it is missing.
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { root } from './lib/project.mjs'
import { startElectron } from './lib/electron-command.mjs'
import { hasDisplay } from './lib/system-libraries.mjs'
import { done, heading, main, say, SetupError, warn } from './lib/terminal.mjs'
import { setUp } from './setup.mjs'

await main(async () => {
  const chosen = process.argv.slice(2).find((argument) => !argument.startsWith('-'))
  const sample = join(homedir(), 'Gatehouse', 'echo-lab')
  const folder = chosen === undefined ? sample : resolve(chosen)
  // Only the sample is made by itself: a name that was mistyped is not to become a workspace.
  if (folder !== sample && !existsSync(folder))
    throw new SetupError(
      `There is no workspace at ${folder}.`,
      `see that it is written right, or make one: npx gatehouse init ${folder} (after npm run build), or New workspace in the window (npm start).`,
    )
  const electron = await setUp()
  if (!hasDisplay()) warn('There is no display here: the window opens on a virtual one (xvfb) that nobody sees.')
  say(`Opening ${folder}…`)

  let told = false
  const { ended, stop } = startElectron(electron.executable, [root, folder, '--print-ready'], (line) => {
    const news = told ? undefined : parseNews(line)
    if (news === undefined) return
    told = true
    if (news.ready) console.log(instructions(news.ready))
    else if (news.trouble) tellTrouble(news.trouble)
    else done('Gatehouse is running already; its window came to the front and shows the workspace')
  })
  // The app finishes what is in flight and closes its workspace, then it ends, and this program with it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      say('Closing…')
      stop()
    })
  }
  const { code, signal } = await ended
  if (code === 0) done('Closed')
  else {
    throw new SetupError(
      `Gatehouse ended with ${signal ?? `code ${code}`}.`,
      told ? 'start it again: the workspace is as it was last saved.' : 'see the lines above.',
    )
  }
})

/** What the app tells on a line of its own: that it is ready, that it opened nothing, or that it runs already. */
function parseNews(line) {
  if (!line.startsWith('{')) return undefined
  try {
    const news = JSON.parse(line)
    return news.ready || news.trouble || news.alreadyRunning ? news : undefined
  } catch {
    return undefined
  }
}

/** Why the workspace was not opened. The window says so too, and offers what can be done there. */
function tellTrouble({ title, detail, remedy }) {
  warn(title)
  if (detail) warn(detail)
  if (remedy) warn(`What to do: ${remedy}`)
}

/** What a person needs in a terminal: addresses, credentials and the walk-through as lines to paste. */
function instructions({ workspace, gateway, authorization, problems, example, user }) {
  const lines = [
    '',
    heading('Gatehouse is ready'),
    `  Workspace             ${workspace}`,
    `  Gateway               ${gateway ?? 'not listening'}`,
    `  Authorization server  ${authorization ?? 'not listening'}`,
    ...problems.map((problem) => `  ! ${problem}`),
  ]
  if (example !== undefined) {
    lines.push(
      '',
      heading(`Application ${example.application}`),
      `  Domain                ${example.domain}`,
      `  Client id             ${example.clientId}`,
      `  Client secret         ${example.clientSecret ?? 'shown once, when it was made'}`,
    )
  }
  if (user !== undefined) {
    lines.push(
      '',
      heading('A user, to log in with'),
      `  Username              ${user.username}`,
      `  Password              ${user.password} (told this once; the page of the user sets another)`,
    )
  }
  if (example?.lines !== undefined) {
    const indented = example.lines.map((line) => (line === '' ? line : `  ${line}`))
    lines.push('', heading('The walk-through, to paste into another terminal'), '', ...indented)
  }
  lines.push('', 'Ctrl-C closes it.', '')
  return lines.join('\n')
}
