import { timingSafeEqual } from 'node:crypto'
import { errorAnswer } from './answers.ts'
import { cookieOf } from './cookies.ts'
import { hostOf } from './hosts.ts'
import { type Access, type Admission, type Asked, isEnough } from './router.ts'
import type { Sessions } from './sessions.ts'

/**
 * Lets a request in that may use what it asks for. A change needs, beside the session's cookie, the proof that a page of
 * ours was told, and a browser that says where it comes from has to say: from here. So a page elsewhere can send a
 * technician's browser to the box, but change nothing there.
 */
export function admit(asked: Asked, access: Access, sessions: Sessions): Admission {
  if (changes(asked) && isFromElsewhere(asked))
    return refuse('this came from a page that is not of this box', 403)
  if (access === 'everybody')
    return { kind: 'admitted', caller: { access, who: `somebody at ${asked.from}` } }
  const token = cookieOf(asked)
  const session = token === undefined ? undefined : sessions.find(token)
  if (session === undefined) return refuse('sign in first', 401)
  if (!isEnough(session.role, access)) return refuse(`this needs the role ${access}`, 403)
  if (changes(asked) && !isSame(String(asked.headers['inkpost-proof'] ?? ''), session.proof))
    return refuse('the proof of the page is missing: load the page again', 403)
  return { kind: 'admitted', caller: { access: session.role, who: `${session.operator} at ${asked.from}` } }
}

const refuse = (sentence: string, status: number): Admission => ({
  kind: 'refused',
  answer: errorAnswer(sentence, status),
})

const changes = ({ method }: Asked): boolean => method !== 'GET' && method !== 'HEAD'

/** By what a browser says and a page cannot change: Fetch Metadata, or at least `Origin` (RFC 6454 section 7). */
function isFromElsewhere({ headers }: Asked): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return true
  const { origin, host } = headers
  return origin !== undefined && originHost(origin) !== hostAndPort(host ?? '')
}

const originHost = (origin: string): string => {
  const [, scheme, rest = ''] = /^(https?):\/\/(.*)$/i.exec(origin) ?? []
  return scheme === undefined ? '' : hostAndPort(rest)
}

/** Port 80 or 443 may stand there or not. */
const hostAndPort = (text: string): string => `${hostOf(text)} ${/:(\d+)$/.exec(text)?.[1] ?? ''}`

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
