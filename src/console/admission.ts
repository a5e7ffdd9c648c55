import { timingSafeEqual } from 'node:crypto'
import { errorAnswer } from './answers.ts'
import { cookieOf } from './cookies.ts'
import type { Entrance } from './entrance.ts'
import { hostOf } from './hosts.ts'
import { type Access, type Admission, type Asked, isEnough } from './router.ts'

type Admitting = Pick<Entrance, 'sessions' | 'ports'>

/**
 * Lets a request in that may use what it asks for. A change needs, beside the session's cookie, the proof that a page of
 * ours was told, and a browser that says where it comes from has to say: from here. So a page elsewhere can send a
 * technician's browser to the box, but change nothing there. A script's token is no cookie: no page elsewhere can make a
 * browser send it, and it needs no proof.
 */
export function admit(asked: Asked, access: Access, entrance: Admitting): Admission {
  if (changes(asked) && isFromElsewhere(asked))
    return refuse('this came from a page that is not of this box', 403)
  if (access === 'everybody')
    return { kind: 'admitted', caller: { access, who: `somebody at the console, ${asked.from}` } }
  const token = bearerOf(asked)
  return token === undefined ? bySession(asked, access, entrance) : byToken(token, asked, access, entrance)
}

/** Whether who was let in would be let in now; a stream that is open is no use of a session. */
export function isStillIn(asked: Asked, { sessions, ports }: Admitting): boolean {
  const bearer = bearerOf(asked)
  if (bearer !== undefined) return ports.tokens.check(bearer).kind !== 'refused'
  const token = cookieOf(asked)
  return token !== undefined && sessions.look(token) !== undefined
}

function bySession(asked: Asked, access: Access, { sessions }: Admitting): Admission {
  const token = cookieOf(asked)
  const session = token === undefined ? undefined : sessions.look(token)
  if (token === undefined || session === undefined) return refuse('sign in first', 401)
  const { operator, guest, role, proof } = session
  if (!isEnough(role, access)) return refuse(`this needs the role ${access}`, 403)
  if (changes(asked) && !isSame(String(asked.headers['inkpost-proof'] ?? ''), proof))
    return refuse('the proof of the page is missing: load the page again', 403)
  sessions.touch(token)
  if (guest === undefined)
    return {
      kind: 'admitted',
      caller: { access: role, who: `${operator} at the console, ${asked.from}`, operator, owner: token },
    }
  const who = `${guest} (day pass of ${operator}) at the console, ${asked.from}`
  return { kind: 'admitted', caller: { access: role, who, owner: token } }
}

function byToken(token: string, { from }: Asked, access: Access, { ports }: Admitting): Admission {
  const check = ports.tokens.check(token)
  if (check.kind === 'refused') return refuse(check.sentence, 401, { 'www-authenticate': 'Bearer' })
  if (!isEnough(check.role, access)) return refuse(`this needs the role ${access}`, 403)
  const who = `token ${JSON.stringify(check.name)} at the console, ${from}`
  return { kind: 'admitted', caller: { access: check.role, who, owner: token } }
}

/** RFC 6750 section 2.1. */
function bearerOf({ headers }: Asked): string | undefined {
  return /^bearer +([\w~+/.-]+=*)$/i.exec(headers.authorization ?? '')?.[1]
}

function refuse(sentence: string, status: number, headers: Readonly<Record<string, string>> = {}): Admission {
  const answer = errorAnswer(sentence, status)
  return { kind: 'refused', answer: { ...answer, headers: { ...answer.headers, ...headers } } }
}

const changes = ({ method }: Asked): boolean => method !== 'GET' && method !== 'HEAD'

/** By what a browser says and a page cannot change: Fetch Metadata, or at least `Origin` (RFC 6454 section 7). */
function isFromElsewhere({ headers, isSecure }: Asked): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return true
  const { origin, host = '' } = headers
  return origin !== undefined && !isOrigin(origin, isSecure ? 'https' : 'http', host)
}

/** Scheme, name and port: another port of this machine is another program's, and so is its page without encryption. */
function isOrigin(origin: string, scheme: 'http' | 'https', host: string): boolean {
  const [, said, place = ''] = /^(https?):\/\/(.*)$/i.exec(origin) ?? []
  const name = hostOf(host)
  if (said?.toLowerCase() !== scheme || name === undefined) return false
  return hostOf(place) === name && portOf(place, scheme) === portOf(host, scheme)
}

/** What is the scheme's own may stand there or not. */
const portOf = (place: string, scheme: 'http' | 'https'): string =>
  /:(\d+)$/.exec(place)?.[1] ?? (scheme === 'https' ? '443' : '80')

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
