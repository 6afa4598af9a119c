#!/usr/bin/env node
import { deploy } from './cli/deploy'
import { CommandError, lineOf } from './cli/fail'
import { importApis } from './cli/import'
import { init } from './cli/init'
import { openWindow } from './cli/open-window'
import { serve } from './cli/serve'
import { version } from './cli/version'

const help = `Gatehouse: an OAuth2 authorization server and an API gateway that explains every refusal.

  gatehouse                         open the window
  gatehouse init DIR [--json]       make a workspace with the sample: domain, application, echo API secured by OAuth2, deployed
  gatehouse serve DIR               run both servers without a window, until Ctrl-C
      --gateway-port N              port of the gateway; 0 picks a free one
      --authorization-port N        port of the authorization server; 0 picks a free one
      --management-port N           offer the operations over HTTP on loopback as well; 0 picks a free port
      --host H                      listen on this address in place of the workspace's
      --json                        print one line of JSON when ready
  gatehouse import DIR FILE…        take in APIs: Gravitee definitions and exports, OpenAPI 3.0 and 3.1 (JSON or YAML)
      --deploy                      deploy them too
      --mocks                       answer operations of an OpenAPI document with their examples
      --checks                      check what callers send against the descriptions of an OpenAPI document
      --token-plans                 ask for tokens by plans, not by the OAuth2 policy in each flow
      --json                        print one line of JSON, with what is kept, changed and not acted on
  gatehouse deploy DIR [API…]       deploy the drafts that changed; a serving process takes them up at once
  gatehouse --help, --version

Exit codes: 0 fine, 1 failed, 2 wrong usage.`

const commands = new Map([
  ['init', init],
  ['serve', serve],
  ['import', importApis],
  ['deploy', deploy],
])

async function main([name, ...args]: readonly string[]): Promise<void> {
  if (name === undefined) return openWindow()
  if (name === '--help' || name === '-h' || name === 'help' || args.includes('--help')) return console.log(help)
  if (name === '--version' || name === '-v') return console.log(version)
  const command = commands.get(name)
  if (!command) throw new CommandError(`There is no command ${name}. See gatehouse --help.`, 2)
  await command(args)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(`gatehouse: ${lineOf(error)}`)
  process.exitCode = error instanceof CommandError ? error.exitCode : 1
}
