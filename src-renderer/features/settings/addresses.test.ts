import { expect, it } from 'vitest'
import { hostError, isLoopback, portError } from './addresses'

it.each([
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['192.168.1.5', false],
  ['127.0.0.1.example.com', false],
])('%s is reached from this machine alone: %s', (host, loopback) => {
  expect(isLoopback(host)).toBe(loopback)
})

it.each([
  ['127.0.0.1', true],
  ['fe80::1', true],
  ['my-machine.local', true],
  ['', false],
  ['http://127.0.0.1', false],
  ['127.0.0.1:8082', false],
  ['my machine', false],
])('takes %j as an address to listen on: %s', (host, fine) => {
  expect(hostError(host) === undefined).toBe(fine)
})

it.each([
  [8082, 8092, true],
  [0, 0, true],
  [65535, 1, true],
  [8092, 8092, false],
  [65536, 1, false],
  [-1, 1, false],
  [80.5, 1, false],
  ['', 1, false],
])('takes %j beside %j as a port: %s', (port, other, fine) => {
  expect(portError(port, other) === undefined).toBe(fine)
})
