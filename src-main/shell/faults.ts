import { app, dialog } from 'electron'
import type { Log } from './log'

/**
 * Catches what nothing else caught: written to the log, told to the person in words, and the app goes on when they
 * want it to. What was saved is on disk already, so either choice loses nothing.
 */
export function catchFaults(log: Log, logFile: string): void {
  let asking = false
  const fault = (error: unknown) => {
    log('Uncaught', error)
    if (asking || !app.isReady()) return
    asking = true
    void dialog
      .showMessageBox({
        type: 'error',
        title: 'Gatehouse',
        message: 'Something went wrong inside Gatehouse',
        detail: `What you saved is safe. The details are in ${logFile}.`,
        buttons: ['Go on', 'Quit'],
        defaultId: 0,
        cancelId: 0,
      })
      .then(({ response }) => {
        asking = false
        if (response === 1) app.quit()
      })
  }
  process.on('uncaughtException', fault)
  process.on('unhandledRejection', fault)
  // A terminal that has gone away is no fault.
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
}
