import { day, second } from '../core/time.ts'
import type { Asked } from './router.ts'

type Place = Pick<Asked, 'isSecure' | 'headers'>

const sessionCookie = 'inkpost'
/** Of a browser in which somebody signed in. */
const browserCookie = 'inkpost-known'
/** The longest that browsers keep (RFC 6265bis section 5.5). */
const browserCookieMs = 400 * day

/** `__Host-` (RFC 6265bis section 4.1.3) where it can be had, over TLS: no other host and no plain page can set it. */
const nameOf = (name: string, { isSecure }: Place): string => (isSecure ? `__Host-${name}` : name)

/** The token of the session; undefined where the browser has none. */
export const cookieOf = (asked: Place): string | undefined => readCookie(sessionCookie, asked)

/** By which `KnownBrowsers` knows it. */
export const browserMarkOf = (asked: Place): string | undefined => readCookie(browserCookie, asked)

function readCookie(name: string, asked: Place): string | undefined {
  const wanted = `${nameOf(name, asked)}=`
  const found = (asked.headers.cookie ?? '').split(/;\s*/).find((part) => part.startsWith(wanted))
  return found?.slice(wanted.length)
}

type Cookies = Readonly<Record<'set-cookie', readonly string[]>>

/** Gone with the browser or with the session, whichever ends first: the box decides, not the cookie's age. */
export const setCookie = (asked: Asked, token: string, leftMs: number): Cookies => ({
  'set-cookie': [written(sessionCookie, asked, token, leftMs)],
})

/** With it, the mark that stays in the browser when the session is over. */
export const withBrowserMark = (cookies: Cookies, asked: Asked, mark: string): Cookies => ({
  'set-cookie': [...cookies['set-cookie'], written(browserCookie, asked, mark, browserCookieMs)],
})

export const clearCookie = (asked: Asked): Cookies => ({
  'set-cookie': [written(sessionCookie, asked, '', 0)],
})

function written(name: string, asked: Asked, value: string, leftMs: number): string {
  const secure = asked.isSecure ? '; Secure' : ''
  const seconds = Math.floor(leftMs / second)
  return `${nameOf(name, asked)}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`
}
