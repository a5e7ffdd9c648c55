import type { Asked } from './router.ts'

/** `__Host-` (RFC 6265bis section 4.1.3) where it can be had, over TLS: no other host and no plain page can set it. */
const nameOf = ({ isSecure }: Pick<Asked, 'isSecure'>): string => (isSecure ? '__Host-inkpost' : 'inkpost')

/** The token of the session; undefined where the browser has none. */
export function cookieOf(asked: Asked): string | undefined {
  const wanted = `${nameOf(asked)}=`
  const found = (asked.headers.cookie ?? '').split(/;\s*/).find((part) => part.startsWith(wanted))
  return found?.slice(wanted.length)
}

/** Gone with the browser or with the session, whichever ends first: the box decides, not the cookie's age. */
export function setCookie(asked: Asked, token: string, leftMs: number): Readonly<Record<string, string>> {
  return { 'set-cookie': cookie(asked, token, Math.floor(leftMs / 1000)) }
}

export const clearCookie = (asked: Asked): Readonly<Record<string, string>> => ({
  'set-cookie': cookie(asked, '', 0),
})

function cookie(asked: Asked, token: string, seconds: number): string {
  const secure = asked.isSecure ? '; Secure' : ''
  return `${nameOf(asked)}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`
}
