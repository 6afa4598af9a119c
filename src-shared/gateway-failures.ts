/** A failure of the gateway itself, beside those that policies declare. */
export interface GatewayFailure {
  readonly key: string
  /** Of its answer, unless a response template says another. */
  readonly status: number
  /** Whether a response template may word it: the API is known by then, and somebody is there to read it. */
  readonly isTemplated: boolean
}

const ofApi = (status: number, ...keys: string[]): GatewayFailure[] =>
  keys.map((key) => ({ key, status, isTemplated: true }))
const ofMessage = (status: number, ...keys: string[]): GatewayFailure[] =>
  keys.map((key) => ({ key, status, isTemplated: false }))

/** Every one; a test compares them with those that the gateway's code raises. */
export const gatewayFailures: readonly GatewayFailure[] = [
  ...ofApi(400, 'GATEWAY_REQUEST_MALFORMED'),
  ...ofApi(401, 'GATEWAY_PLAN_UNRESOLVABLE'),
  ...ofApi(404, 'FLOW_EXECUTION_FLOW_MATCHED_FAILURE'),
  ...ofApi(408, 'GATEWAY_REQUEST_TIMEOUT'),
  ...ofApi(413, 'GATEWAY_REQUEST_TOO_LARGE'),
  ...ofApi(415, 'GATEWAY_REQUEST_ENCODING'),
  ...ofApi(500, 'GATEWAY_EXPRESSION_FAILED', 'GATEWAY_HEADER_UNWRITABLE', 'GATEWAY_POLICY_FAILED'),
  ...ofApi(502, 'GATEWAY_ANSWER_ENCODING', 'GATEWAY_ANSWER_MALFORMED', 'GATEWAY_ANSWER_TOO_LARGE'),
  ...ofApi(502, 'GATEWAY_BACKEND_FAILED', 'GATEWAY_BACKEND_NOT_TLS', 'GATEWAY_BACKEND_REFUSED'),
  ...ofApi(502, 'GATEWAY_BACKEND_UNTRUSTED', 'GATEWAY_CIRCUIT_OPEN', 'GATEWAY_FAILURE_CONDITION'),
  ...ofApi(502, 'GATEWAY_GRPC_WANTS_HTTP2', 'GATEWAY_PROXY_FAILED'),
  ...ofApi(503, 'GATEWAY_BACKEND_UNREACHABLE', 'GATEWAY_PLAN_RESOLUTION_FAILURE', 'NO_ENDPOINT_FOUND'),
  ...ofApi(504, 'GATEWAY_CONNECT_TIMEOUT', 'GATEWAY_READ_TIMEOUT', 'GATEWAY_SLOW_CALL'),
  ...ofMessage(400, 'GATEWAY_AMBIGUOUS_PATH', 'GATEWAY_HOST_MALFORMED', 'GATEWAY_REQUEST_ABORTED'),
  ...ofMessage(404, 'GATEWAY_NO_CONTEXT_PATH'),
  ...ofMessage(414, 'GATEWAY_TARGET_TOO_LONG'),
  ...ofMessage(431, 'GATEWAY_TOO_MANY_HEADERS'),
  ...ofMessage(501, 'GATEWAY_TRANSFER_CODING'),
  ...ofMessage(505, 'GATEWAY_HTTP_VERSION'),
  ...ofMessage(508, 'GATEWAY_LOOP'),
]
