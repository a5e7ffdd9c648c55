import { comparable } from '../core/address.ts'
import type { AddressCommand } from './edge/path.ts'
import type { SignInAttempt } from './edge/smtp-machine.ts'
import type { Rules } from './rules.ts'

const longestText = 255
const domainForm = /@([^\s<>@]{1,255})>?(?:\s|$)/

/** What a session said of who it is, whether it was believed or not. A few words; costs a known device nothing. */
export class Trail {
  username = ''
  mechanism = ''
  mailFrom = ''
  rcptDomain = ''
  /** Its last login is no device's. */
  hasUnknownLogin = false

  /** A login that no device has is shown by `named` only: it may be a password in the wrong field. */
  signIn({ username, mechanism }: SignInAttempt, { byLogin }: Rules): void {
    this.mechanism = mechanism
    this.hasUnknownLogin = !byLogin.has(comparable(username.trim()))
    this.username = this.hasUnknownLogin ? '' : username
  }

  /** What may be shown of its last login. */
  named(login: string): void {
    this.username = login
  }

  sender({ path }: AddressCommand): void {
    if (this.mailFrom === '') this.mailFrom = path.slice(0, longestText)
  }

  /** A path, or what stands behind RCPT. */
  recipient(said: string): void {
    if (this.rcptDomain === '') this.rcptDomain = domainForm.exec(said)?.[1] ?? ''
  }
}
