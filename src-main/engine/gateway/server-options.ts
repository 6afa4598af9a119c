import type { ServerOptions } from 'node:http'
import { asksForWebSocket } from './endpoints/upgrade'

/** What `http.createServer` of the gateway is to be given; times in milliseconds, sizes in bytes. */
export const GATEWAY_SERVER_OPTIONS: ServerOptions & { readonly optimizeEmptyRequests: boolean } = {
  // Bearer tokens with many claims travel in headers; node's default of 16 KiB is tight for two of them.
  maxHeaderSize: 32 * 1024,
  headersTimeout: 20_000,
  // A body may be streamed for as long as it moves: the upstream's time-outs bound it.
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  // Lenient parsing is what request smuggling lives on (RFC 9112 §11.2).
  insecureHTTPParser: false,
  requireHostHeader: true,
  noDelay: true,
  // Since Node 24.9; an older one hands over every upgrade, and those for something else are answered as if they asked for none.
  shouldUpgradeCallback: asksForWebSocket,
  // A request without a body is no stream to end (since Node 24.12, of which its types do not know yet).
  optimizeEmptyRequests: true,
}
