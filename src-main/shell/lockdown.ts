import { app, shell, type Session, type WebContents } from 'electron'
import { mayOpenOutside } from './outside-links'

/** Keeps Chromium itself from the network: its spelling checker would fetch a dictionary, also where no page uses it. */
export function keepOffline(session: Session): void {
  session.setSpellCheckerLanguages([])
  session.setSpellCheckerEnabled(false)
}

/** Refuses every permission a page could ask for: none of ours needs one. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
}

/**
 * Keeps every page of the app where it is: no navigation away, no second window, no embedded page.
 *
 * @param isOwnPage whether the app itself lives at the address
 * @param follow told an address that was asked for instead of opened; true when it acted on it
 * @param isLocked whether a page is kept elsewhere, by who makes it: it is none of the app's
 */
export function lockNavigation(
  isOwnPage: (address: string) => boolean,
  follow: (address: string) => boolean,
  isLocked: (contents: WebContents) => boolean,
): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    if (isLocked(contents)) return
    contents.on('will-frame-navigate', (event) => {
      if (follow(event.url) || !isOwnPage(event.url)) event.preventDefault()
    })
    contents.on('will-redirect', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault()
    })
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      // Opened only from a person's click: a page has no other way to ask for a window here.
      if (mayOpenOutside(url)) void shell.openExternal(url)
      return { action: 'deny' }
    })
  })
}
