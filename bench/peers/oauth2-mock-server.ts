/** oauth2-mock-server signing with one key. Argument: the algorithm. */
import { OAuth2Server } from 'oauth2-mock-server'
import { ready } from './ready.ts'

const server = new OAuth2Server()
await server.issuer.keys.generate(process.argv[2]!)
await server.start(0, '127.0.0.1')
ready(server.address())
