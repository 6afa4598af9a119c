import { BrowserWindow, nativeTheme, screen, type Rectangle } from 'electron'
import type { PreferencesFile } from './preferences'

const MINIMUM = { width: 960, height: 640 }
const DEFAULT = { width: 1440, height: 900 }

/** Background until the page has drawn itself, so that nothing flashes: the window's own in either theme. */
export const background = () => (nativeTheme.shouldUseDarkColors ? '#09090b' : '#ffffff')

/** Opens the window where it was left, with a page that has neither Node nor any way out. Shown when it has drawn. */
export function openWindow(preload: string, preferences: PreferencesFile): BrowserWindow {
  const remembered = preferences.get().window
  const bounds = remembered !== undefined && isOnScreen(remembered) ? remembered : undefined
  const window = new BrowserWindow({
    ...fitting(bounds),
    minWidth: MINIMUM.width,
    minHeight: MINIMUM.height,
    show: false,
    title: 'Gatehouse',
    backgroundColor: background(),
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false, // fetches dictionaries from the network
      navigateOnDragDrop: false,
    },
  })
  if (remembered?.maximized === true) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    preferences.update({ window: { ...window.getNormalBounds(), maximized: window.isMaximized() } })
  })
  const repaint = () => window.setBackgroundColor(background())
  nativeTheme.on('updated', repaint)
  window.on('closed', () => void nativeTheme.off('updated', repaint))
  return window
}

/** A size that the screen has room for. */
function fitting(bounds: Rectangle | undefined): Partial<Rectangle> {
  if (bounds !== undefined) return { x: bounds.x, y: bounds.y, width: bounds.width, height: bounds.height }
  const room = screen.getPrimaryDisplay().workAreaSize
  return { width: Math.min(DEFAULT.width, room.width), height: Math.min(DEFAULT.height, room.height) }
}

/** Whether enough of it lies on a screen that is still there to be taken hold of. */
function isOnScreen(bounds: Rectangle): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const across = Math.min(bounds.x + bounds.width, workArea.x + workArea.width) - Math.max(bounds.x, workArea.x)
    return across >= 200 && bounds.y >= workArea.y && bounds.y < workArea.y + workArea.height - 100
  })
}
