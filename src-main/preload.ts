import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron'
import { channels, type Bridge } from '@shared/bridge'
import type { GatehouseEvent } from '@shared/events'
import type { LoginWindowMessage } from '@shared/login-window'

/** The stores and the tables of a page each listen; more than so many have not stopped when their page was left. */
ipcRenderer.setMaxListeners(30)

/** The one bridge between the window and the main process: nothing of Electron or Node reaches the page but this. */
const bridge: Bridge = {
  operation: (name, input) => ipcRenderer.invoke(channels.operation, name, input),
  shell: (request) => ipcRenderer.invoke(channels.shell, request),
  onEvent: (listener) => {
    const forward = (_: IpcRendererEvent, event: GatehouseEvent) => listener(event)
    ipcRenderer.on(channels.event, forward)
    return () => void ipcRenderer.off(channels.event, forward)
  },
  onLogin: (listener) => {
    const forward = (_: IpcRendererEvent, message: LoginWindowMessage) => listener(message)
    ipcRenderer.on(channels.login, forward)
    return () => void ipcRenderer.off(channels.login, forward)
  },
}

contextBridge.exposeInMainWorld('gatehouse', bridge)
