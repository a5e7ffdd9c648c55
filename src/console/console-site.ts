import { X509Certificate } from 'node:crypto'
import { textAnswer } from './answers.ts'
import { frontHtml, frontText, styleHash } from './front-page.ts'
import { hostOf } from './hosts.ts'
import type { ConsolePorts } from './ports.ts'
import { type Answer, type Asked, type Route, route, type Site } from './router.ts'

/** Every page of the TCP side. Nothing here changes anything, nothing shows mail. */
export function consoleSite(ports: ConsolePorts): Site {
  const visitors = only(ports.mayVisit, 'This page is not for your network.')
  const trusted = only(ports.isTrusted, 'This page is for trusted networks only.')
  return {
    headers: guardedHeaders,
    guard: (asked) => ownHostsOnly(asked, ports),
    routes: [
      visitors('/', (asked) => frontPage(asked, ports)),
      trusted('/healthz', () => textAnswer('ok\n')),
      trusted('/readyz', () => readiness(ports)),
      trusted('/metrics', () => metrics(ports)),
      ...authorityPages(trusted, ports),
    ],
    notFound: () => textAnswer('There is nothing here.\n', 404),
    notAllowed: (_asked, allowed) => textAnswer(`This page is only for ${allowed}.\n`, 405),
    failed(error, { path }) {
      ports.log.write('error', 'console-request-failed', { path, detail: String(error) })
      return textAnswer('Something went wrong here; the log says what.\n', 500)
    },
  }
}

/**
 * Keeps other pages away from ours and ours from everything but its style sheet. No `strict-transport-security`: a box is
 * reached by address and by names of its network, a promise of HTTPS for ever would lock people out.
 */
const guardedHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src ${styleHash}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
}

/** RFC 9110 section 15.5.20: 421 for a name that is not ours. */
function ownHostsOnly({ headers }: Asked, ports: ConsolePorts): Answer | undefined {
  const host = hostOf(headers.host ?? '')
  if (host !== undefined && ports.isKnownHost(host)) return undefined
  const sentence = 'This box does not go by that name: use its address, its name, or its name with .local.'
  return textAnswer(`${sentence}\n`, 421)
}

/** The authorities that devices may import: public, and of use on the box's own networks only. */
function authorityPages(page: ReturnType<typeof only>, ports: ConsolePorts): readonly Route[] {
  return [
    page('/ca.pem', () => authority(ports, 'sha256', pemFile)),
    page('/ca.der', () => authority(ports, 'sha256', derFile)),
    page('/ca-sha1.pem', () => authority(ports, 'sha1', pemFile)),
    page('/ca-sha1.der', () => authority(ports, 'sha1', derFile)),
  ]
}

/** RFC 8555 section 9.1 and RFC 2585 section 4.2 name the types. */
const pemFile = { type: 'application/pem-certificate-chain', write: (pem: string) => pem }
const derFile = { type: 'application/pkix-cert', write: (pem: string) => new X509Certificate(pem).raw }

async function authority(
  ports: ConsolePorts,
  digest: 'sha256' | 'sha1',
  { type, write }: typeof pemFile | typeof derFile,
): Promise<Answer> {
  const pem = await ports.authority(digest)
  if (pem === undefined)
    return textAnswer('This box serves TLS 1.2 and up only: it has no such authority.\n', 404)
  return { status: 200, headers: { 'content-type': type }, body: write(pem) }
}

type Page = (asked: Asked) => Answer | Promise<Answer>

/** Makes pages that others may not see. */
function only(isAllowed: (address: string) => boolean, sentence: string) {
  return (path: string, page: Page): Route =>
    route('GET', path, (asked) => (isAllowed(asked.from) ? page(asked) : textAnswer(`${sentence}\n`, 403)))
}

async function frontPage({ headers }: Asked, ports: ConsolePorts): Promise<Answer> {
  const about = await ports.about()
  const isHtml = /\btext\/html\b/.test(headers.accept ?? '')
  return {
    status: 200,
    headers: { 'content-type': `text/${isHtml ? 'html' : 'plain'}; charset=UTF-8`, vary: 'Accept' },
    body: isHtml ? frontHtml(about) : frontText(about),
  }
}

async function readiness(ports: ConsolePorts): Promise<Answer> {
  const { ready, reason } = await ports.vitals.ready()
  return ready ? textAnswer('ready\n') : textAnswer(`not ready: ${reason}\n`, 503)
}

async function metrics(ports: ConsolePorts): Promise<Answer> {
  const body = await ports.vitals.metrics()
  return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body }
}
