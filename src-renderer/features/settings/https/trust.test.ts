import { execFileSync } from 'node:child_process' // eslint-disable-line no-restricted-imports -- the test runs in Node and asks a real shell
import { expect, it } from 'vitest'
import { trustWays } from './trust'

const file = "/home/me/it's my lab/gatehouse-ca.pem"
const name = "Gatehouse CA it's 3fa2c1"
const ways = trustWays(file, name, 'https://127.0.0.1:8082')

/** What each program that a shell command starts would be given, with the program first. */
function callsOf(command: string): string[][] {
  const programs = ['sudo', 'security', 'certutil', 'curl', 'node']
  const told = programs.map((each) => `${each}() { printf '%s\\0' ${each} "$@"; printf '\\n\\0'; }`)
  const output = execFileSync('sh', ['-c', [...told, command].join('\n')], { env: { HOME: '/home/me' } }).toString()
  return output
    .split('\n\0')
    .filter((each) => each !== '')
    .map((each) => each.split('\0').slice(0, -1))
}

const commandsOf = (key: string) => ways.find((way) => way.key === key)!.steps.flatMap(({ command }) => command ?? [])

it('survives a shell, whatever the folder and the workspace are called', () => {
  const keychain = '/home/me/Library/Keychains/login.keychain-db'
  expect(commandsOf('macos').flatMap(callsOf)).toEqual([
    ['security', 'add-trusted-cert', '-r', 'trustRoot', '-k', keychain, file],
    ['security', 'delete-certificate', '-t', '-c', name, keychain],
  ])
  const debian = '/usr/local/share/ca-certificates/gatehouse-3fa2c1.crt'
  const inChrome = ['certutil', '-d', 'sql:/home/me/.pki/nssdb', '-A', '-t', 'C,,', '-n', name, '-i', file]
  expect(commandsOf('debian').flatMap(callsOf)).toEqual([
    ['sudo', 'cp', file, debian],
    ['sudo', 'update-ca-certificates'],
    ['sudo', 'rm', debian],
    ['sudo', 'update-ca-certificates', '--fresh'],
    inChrome,
  ])
  const fedora = '/etc/pki/ca-trust/source/anchors/gatehouse-3fa2c1.pem'
  expect(commandsOf('fedora').flatMap(callsOf)).toEqual([
    ['sudo', 'cp', file, fedora],
    ['sudo', 'update-ca-trust'],
    ['sudo', 'rm', fedora],
    ['sudo', 'update-ca-trust'],
    inChrome,
  ])
  expect(commandsOf('curl').flatMap(callsOf)).toEqual([['curl', '--cacert', file, 'https://127.0.0.1:8082']])
  expect(callsOf(commandsOf('node')[0]!)).toEqual([['node', 'app.js']])
})
