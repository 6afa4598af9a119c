import { readFile } from 'node:fs/promises'
import type { DomainSnapshot } from '../snapshot'
import { startTestServer } from './testing'

/** The authorization server in a process of its own, to be killed: serves the domain of a file on a state folder, and tells its address. */
const [folder = '', domainFile = ''] = process.argv.slice(2)
const server = await startTestServer(folder)
await server.apply(JSON.parse(await readFile(domainFile, 'utf8')) as DomainSnapshot) // written by the test
process.stdout.write(`${server.address}\n`)
