import { spawn } from 'node:child_process'
import { hasDisplay, onPath } from './system-libraries.mjs'
import { SetupError } from './terminal.mjs'

/** Switches that this machine asks for: as root, Chromium's sandbox cannot be set up. Nobody else goes without it. */
export function switchesHere() {
  return process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []
}

/**
 * A command under a virtual display where there is no other; as it is elsewhere.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {[string, string[]]}
 */
export function onDisplay(command, args, env = process.env) {
  if (hasDisplay(env)) return [command, args]
  if (!onPath('xvfb-run', env))
    throw new SetupError(
      'There is no display here, and xvfb-run, which makes a virtual one, is not installed.',
      'install it (on Debian and its kin: apt-get install xvfb xauth), or set DISPLAY; without a window, run npx gatehouse serve DIR.',
    )
  return ['xvfb-run', ['-a', '-s', '-screen 0 1920x1200x24', command, ...args]]
}

/** Lines of Chromium about a system without a message bus or a graphics card: true, and of no use to anybody. */
const noise =
  /^\[\d+:\d+\/[\d.]+:(ERROR|WARNING):|Failed to connect to the bus|DevTools listening|Gtk-WARNING|^libva |^\s*$/

/**
 * Starts Electron. Its stderr comes through without Chromium's remarks on the machine.
 *
 * @param {string} executable
 * @param {string[]} args
 * @param {(line: string) => void} onLine told every line of its stdout
 * @returns {{ ended: Promise<{ code: number | null, signal: string | null }>, stop: () => void }} stop asks it to quit
 */
export function startElectron(executable, args, onLine) {
  const [command, all] = hasDisplay()
    ? [executable, [...switchesHere(), ...args]]
    : // xvfb-run passes no signal on, and taking the display away would kill the app: so the app's own id is needed.
      onDisplay('sh', ['-c', 'echo "pid $$"; exec "$0" "$@"', executable, ...switchesHere(), ...args])
  const posix = process.platform !== 'win32'
  // A group of its own: Ctrl-C in the terminal reaches this program alone, which then asks the app to quit, once.
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'pipe'], detached: posix })
  let pid = hasDisplay() ? child.pid : undefined
  let stopping = false
  const stop = () => {
    stopping = true
    if (pid !== undefined && child.exitCode === null) {
      try {
        process.kill(pid, 'SIGTERM')
      } catch {
        // It is gone already.
      }
    }
  }
  onLines(child.stdout, (line) => {
    if (pid === undefined && line.startsWith('pid ')) {
      pid = Number(line.slice(4))
      if (stopping) stop()
    } else onLine(line)
  })
  onLines(child.stderr, (line) => {
    if (!noise.test(line)) process.stderr.write(`${line}\n`)
  })
  const ended = new Promise((settle, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => settle({ code, signal }))
  })
  return { ended, stop }
}

function onLines(stream, listener) {
  let rest = ''
  stream.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()
    lines.forEach(listener)
  })
}
