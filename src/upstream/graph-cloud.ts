/** National clouds have a Graph, and tokens, of their own (learn.microsoft.com/graph/deployments). */
const nationalClouds: ReadonlySet<string> = new Set([
  'https://graph.microsoft.us',
  'https://dod-graph.microsoft.us',
  'https://microsoftgraph.chinacloudapi.cn',
])
export const worldGraph = 'https://graph.microsoft.com'

/** What a token for the Graph at this address is asked for. */
export const graphScopeOf = (endpoint: string): string =>
  `${nationalClouds.has(endpoint) ? endpoint : worldGraph}/.default`
