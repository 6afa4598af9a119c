import { app, Menu, type MenuItemConstructorOptions } from 'electron'

/** What the menu can do beyond the roles that every app has. */
export interface MenuActions {
  newWorkspace(): void
  openWorkspace(): void
  openRecent(folder: string): void
  showWorkspaceFolder(): void
}

/** Sets the menu of the app; anew when the recent workspaces change. */
export function setMenu(actions: MenuActions, recent: readonly string[]): void {
  const isMac = process.platform === 'darwin'
  const file: MenuItemConstructorOptions = {
    label: 'File',
    submenu: [
      { label: 'New workspace…', accelerator: 'CmdOrCtrl+Shift+N', click: () => actions.newWorkspace() },
      { label: 'Open workspace…', accelerator: 'CmdOrCtrl+O', click: () => actions.openWorkspace() },
      {
        label: 'Open recent',
        enabled: recent.length > 0,
        submenu: recent.map((folder) => ({ label: folder, click: () => actions.openRecent(folder) })),
      },
      { type: 'separator' },
      { label: 'Show workspace folder', click: () => actions.showWorkspaceFolder() },
      { type: 'separator' },
      isMac ? { role: 'close' } : { role: 'quit' },
    ],
  }
  const view: MenuItemConstructorOptions = {
    label: 'View',
    submenu: [
      { role: 'reload' },
      ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' } as const]),
      { type: 'separator' },
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
    ],
  }
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    file,
    { role: 'editMenu' },
    view,
    { role: 'windowMenu' },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
