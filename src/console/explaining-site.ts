import { X509Certificate } from 'node:crypto'
import { errorAnswer, textAnswer } from './answers.ts'
import { guardedHeaders, networkPages, ownHostsOnly, visitorsOnly } from './console-site.ts'
import { hostOf } from './hosts.ts'
import { escaped, plainPagePolicy } from './plain-page.ts'
import type { ConsolePorts } from './ports.ts'
import type { Answer, Asked, Site } from './router.ts'

export interface Explanation {
  /** Of the console; undefined: the one that the visitor typed. */
  readonly port: number | undefined
  /** The certificate is one that browsers do not know. */
  readonly isWarnedOf: () => boolean
}

/**
 * What is answered without TLS where the console is with it: how to get there, and what the browser's warning means.
 * Nobody signs in here and no cookie is set.
 */
export function explainingSite(ports: ConsolePorts, explanation: Explanation): Site {
  const pages = networkPages(ports)
  return {
    headers: guardedHeaders,
    guard: (asked) => {
      const isOpen = pages.some(({ pattern }) => pattern === asked.path)
      return ownHostsOnly(asked, ports) ?? (isOpen ? undefined : visitorsOnly(asked, ports))
    },
    admit: ({ from }, access) => ({ kind: 'admitted', caller: { access, who: `somebody at ${from}` } }),
    routes: pages,
    notFound: (asked) => answerElse(asked, ports, explanation),
    notAllowed: (asked) => answerElse(asked, ports, explanation),
    failed(error, { path }) {
      ports.log.write('error', 'console-request-failed', { path, detail: String(error) })
      return textAnswer('Something went wrong here; the log says what.\n', 500)
    },
  }
}

async function explain(asked: Asked, ports: ConsolePorts, explanation: Explanation): Promise<Answer> {
  const place = `https://${hostAt(asked, explanation.port)}`
  if (!explanation.isWarnedOf())
    return { status: 302, headers: { location: `${place}/` }, body: `The console is at ${place}/\n` }
  const pem = await ports.authority('sha256')
  const fingerprint = pem === undefined ? '' : new X509Certificate(pem).fingerprint256
  const body = page(ports.aboutBox().name, place, fingerprint)
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }
  return { status: 200, headers, body }
}

/** A script is not shown a page, and its secrets are not taken. */
function answerElse(asked: Asked, ports: ConsolePorts, explanation: Explanation): Answer | Promise<Answer> {
  const isPage = asked.method === 'GET' || asked.method === 'HEAD'
  if (isPage && !asked.path.startsWith('/api/')) return explain(asked, ports, explanation)
  // RFC 9110 section 15.5.22.
  const answer = errorAnswer('this is answered over https:// only', 426)
  return { ...answer, headers: { ...answer.headers, upgrade: 'TLS/1.2, HTTP/1.1', connection: 'Upgrade' } }
}

/** As the visitor typed it, which the guard has found to be a name of this box. */
function hostAt({ headers }: Asked, port: number | undefined): string {
  const host = headers.host ?? ''
  if (port === undefined) return host
  const name = hostOf(host) ?? ''
  const bracketed = name.includes(':') ? `[${name}]` : name
  return port === 443 ? bracketed : `${bracketed}:${port}`
}

const style = `:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-inline-size:40rem;margin:0 auto;padding:1rem}
a.go{display:inline-block;padding:.75rem 1.25rem;min-block-size:1.25rem;border:2px solid;border-radius:.5rem;font-weight:600}
code{overflow-wrap:anywhere}h2{font-size:1.1rem;margin-block-start:1.5rem}li{margin-block:.25rem}`

const policy = plainPagePolicy(style)

const page = (name: string, place: string, fingerprint: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(name)}: one step before the console</title><style>${style}</style></head><body><main>
<h1>${escaped(name)}: one step before the console</h1>
<p>The console is at <strong>${escaped(place)}/</strong>, encrypted. Your browser does not know this box yet and will warn you
once: the box made its certificate itself, because no public authority vouches for a box inside your own network.</p>
<p><a class="go" href="${escaped(place)}/">Go to the console</a></p>
<h2>What you will see, and what to press</h2>
<ul>
<li><strong>Chrome, Edge:</strong> “Your connection is not private”. <em>Advanced</em>, then <em>Proceed to … (unsafe)</em>.</li>
<li><strong>Safari:</strong> “This Connection Is Not Private”. <em>Show Details</em>, then <em>visit this website</em>.</li>
<li><strong>Firefox:</strong> “Warning: Potential Security Risk Ahead”. <em>Advanced…</em>, then <em>Accept the Risk and Continue</em>.</li>
</ul>
<h2>How to be sure that it is this box</h2>
<p>Look at the certificate in the warning: the last one of its chain, the authority, has this SHA-256 fingerprint. On the
box, <code>inkpost claim</code> prints it too; compare with that one, not only with this page.</p>
<p><code>${escaped(fingerprint)}</code></p>
<h2>So that nobody here is warned again</h2>
<p>Have <a href="/ca.pem">the authority of this box</a> imported into computers and telephones as a trusted authority
(<a href="/ca.der">the same for Windows and Android</a>). It vouches for this box alone if you keep it so: whoever holds the
box holds its key.</p>
</main></body></html>
`
