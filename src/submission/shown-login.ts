import type { Secrets } from '../core/secret.ts'
import type { DeviceSetup } from '../core/setup.ts'
import type { SignInAttempt } from './edge/smtp-machine.ts'
import type { Rules } from './rules.ts'

const longestLogin = 255
/** Opening a password is some ten microseconds: the others are served between. */
const devicesAtOnce = 32

/**
 * A user name that no device has, as far as it may be kept and shown. Empty where it may be a password in the wrong field
 * (promise 6): it is its own password, that of a device, or was said with the login of a device as its password. Empty
 * too where a stored password can't be opened to tell.
 */
export async function shownLogin(
  { setup }: Pick<Rules, 'setup'>,
  secrets: Secrets,
  { username, isPassword }: Pick<SignInAttempt, 'username' | 'isPassword'>,
): Promise<string> {
  // All are looked at, whatever is found: how long it takes tells nothing.
  let isSecret = isPassword(username)
  for (let at = 0; at < setup.devices.length; at += devicesAtOnce) {
    for (const device of setup.devices.slice(at, at + devicesAtOnce)) {
      const isSwapped = logins(device).filter(isPassword).length > 0
      isSecret = mayBePassword(secrets, device, username) || isSwapped || isSecret
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return isSecret ? '' : username.slice(0, longestLogin)
}

const logins = ({ username, alsoKnownAs }: DeviceSetup): readonly string[] =>
  username === undefined ? alsoKnownAs : [username, ...alsoKnownAs]

function mayBePassword(secrets: Secrets, { password }: DeviceSetup, said: string): boolean {
  if (password === undefined) return false
  const opened = secrets.open(password)
  return opened.kind !== 'open' || folded(opened.value) === folded(said)
}

/** Cards show a password in groups, and panels begin with a capital. */
const folded = (text: string): string => text.replace(/\s/g, '').toLowerCase()
