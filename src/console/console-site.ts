import { X509Certificate } from 'node:crypto'
import { admit, isStillIn } from './admission.ts'
import { backupsWithoutWhatWasBefore, withoutWhatWasBefore } from './after-reset.ts'
import { jsonAnswer, textAnswer } from './answers.ts'
import { apiAnswers, apiRoutes } from './api.ts'
import { passRoutes } from './api-passes.ts'
import { carefully } from './careful-routes.ts'
import type { Entrance } from './entrance.ts'
import { frontText } from './front-page.ts'
import { hostOf } from './hosts.ts'
import { ownAccountRoutes } from './own-account.ts'
import { pageFiles } from './page-files.ts'
import type { ConsolePorts } from './ports.ts'
import { Repeats } from './repeats.ts'
import { type Answer, type Asked, type Route, route, type Site, under } from './router.ts'
import { signInRoutes } from './sign-in.ts'

/** Everything that is answered on TCP: pages, API, probes. */
export function consoleSite(entrance: Entrance): Site {
  const { ports } = entrance
  const pages = pageFiles(ports.pages)
  const probes = networkPages(ports)
  const api = under('/api/v1', consoleRoutes(entrance))
  return {
    headers: guardedHeaders,
    guard: (asked) => {
      const isProbe = probes.some(({ pattern }) => pattern === asked.path)
      return ownHostsOnly(asked, ports) ?? (isProbe ? undefined : visitorsOnly(asked, ports))
    },
    admit: (asked, access) => admit(asked, access, entrance),
    routes: [
      route('GET', '/', 'everybody', (asked) => (wantsHtml(asked) ? pages.index(asked) : frontPage(ports))),
      route('GET', '/d/:login', 'everybody', ({ parameter }) => sticker(parameter('login'))),
      ...pages.routes,
      ...probes,
      ...api,
    ],
    ...answers(ports),
  }
}

/** Health, metrics and the authorities of the box: without sign-in, for trusted networks. */
export function networkPages(ports: ConsolePorts): readonly Route[] {
  const trusted = only(ports.isTrusted, 'This page is for trusted networks only.')
  return [
    trusted('/healthz', () => textAnswer('ok\n')),
    trusted('/readyz', () => readiness(ports)),
    trusted('/metrics', () => metrics(ports)),
    ...authorityPages(trusted, ports),
  ]
}

/** Who comes in, and how: on TCP only. */
export const comingIn = (entrance: Entrance): readonly Route[] => [
  ...signInRoutes(entrance),
  ...ownAccountRoutes(entrance),
  ...passRoutes(entrance),
]

/** The API on TCP: that of the control socket, too. */
function consoleRoutes(entrance: Entrance): readonly Route[] {
  const { clock, revision, resetMemory } = entrance.ports
  const operations = backupsWithoutWhatWasBefore(entrance.ports.operations, resetMemory)
  const routes: readonly Route[] = [
    ...comingIn(entrance),
    ...apiRoutes(operations, entrance.ports.live, (asked) => () => isStillIn(asked, entrance)),
    route('GET', '/openapi.json', 'viewer', async () => {
      const { openApi } = await import('./openapi.ts')
      return jsonAnswer(openApi(routes, entrance.ports.aboutBox().version))
    }),
  ]
  return carefully(withoutWhatWasBefore(routes, resetMemory), {
    repeats: new Repeats(clock),
    revision,
  })
}

/** In JSON below `/api/`, in a sentence elsewhere. */
function answers({ log }: ConsolePorts): Pick<Site, 'notFound' | 'notAllowed' | 'failed'> {
  const api = apiAnswers(log)
  const isApi = ({ path }: Asked): boolean => path.startsWith('/api/')
  return {
    notFound: (asked) => (isApi(asked) ? api.notFound(asked) : textAnswer('There is nothing here.\n', 404)),
    notAllowed: (asked, allowed) =>
      isApi(asked) ? api.notAllowed(asked, allowed) : textAnswer(`This page is only for ${allowed}.\n`, 405),
    failed(error, asked) {
      if (isApi(asked)) return api.failed(error, asked)
      log.write('error', 'console-request-failed', { path: asked.path, detail: String(error) })
      return textAnswer('Something went wrong here; the log says what.\n', 500)
    },
  }
}

/** What the QR code on a printer's sticker opens: that printer's page. */
const sticker = (login: string): Answer => ({
  status: 302,
  headers: { location: `/#/d/${encodeURIComponent(login)}` },
  body: '',
})

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/**
 * Keeps other pages away from ours, and ours from everything that does not come from this box. No `strict-transport-security`: a box is
 * reached by address and by names of its network, a promise of HTTPS for ever would lock people out.
 */
export const guardedHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': policy,
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
export function ownHostsOnly({ headers }: Asked, ports: ConsolePorts): Answer | undefined {
  const host = hostOf(headers.host ?? '')
  if (host !== undefined && ports.isKnownHost(host)) return undefined
  const sentence = 'This box does not go by that name: use its address, its name, or its name with .local.'
  return textAnswer(`${sentence}\n`, 421)
}

export function visitorsOnly({ from }: Asked, ports: ConsolePorts): Answer | undefined {
  return ports.mayVisit(from) ? undefined : textAnswer('This page is not for your network.\n', 403)
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
    route('GET', path, 'everybody', (asked) =>
      isAllowed(asked.from) ? page(asked) : textAnswer(`${sentence}\n`, 403),
    )
}

const wantsHtml = ({ headers }: Asked): boolean => /\btext\/html\b/.test(headers.accept ?? '')

/** For who comes without a browser. */
async function frontPage(ports: ConsolePorts): Promise<Answer> {
  const answer = textAnswer(frontText(await ports.about()))
  return { ...answer, headers: { ...answer.headers, vary: 'Accept' } }
}

async function readiness(ports: ConsolePorts): Promise<Answer> {
  const { ready, reason } = await ports.vitals.ready()
  return ready ? textAnswer('ready\n') : textAnswer(`not ready: ${reason}\n`, 503)
}

async function metrics(ports: ConsolePorts): Promise<Answer> {
  const body = await ports.vitals.metrics()
  return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body }
}
