import { comparable } from '../core/address.ts'
import type { Secrets } from '../core/secret.ts'
import type { SignInTrouble } from '../core/session-event.ts'
import type { DeviceSetup } from '../core/setup.ts'
import { type Client, type Credentials, deviceAt } from './admission.ts'
import { closestLogin } from './closest-login.ts'
import { likelySlip, type OtherPassword } from './likely-slips.ts'
import type { Rules } from './rules.ts'

export interface GuessPlace extends Client {
  /** The device that signed in from this address last. */
  readonly remembered: string | undefined
}

/** Cards are mixed up with the next one: more are not opened for a wrong password. */
const mostOthers = 3

/**
 * Why a guess failed, as far as the setup tells: the closest login of an unknown one, the likely slip of a wrong
 * password. Only the reason leaves here, never what was said.
 */
export function explainGuess(
  rules: Rules,
  secrets: Secrets,
  place: GuessPlace,
  credentials: Credentials,
  trouble: SignInTrouble,
): SignInTrouble {
  switch (trouble.kind) {
    case 'unknown-login':
      return {
        ...trouble,
        closest: closestLogin(comparable(credentials.username.trim()), rules.byLogin.keys()),
      }
    case 'wrong-password':
      return { ...trouble, slip: slipOf(rules, secrets, place, credentials, trouble.device) }
    default:
      return trouble
  }
}

function slipOf(
  rules: Rules,
  secrets: Secrets,
  place: GuessPlace,
  { isPassword }: Credentials,
  name: string,
) {
  const device = rules.byName.get(name)
  const right = passwordOf(secrets, device)
  if (device === undefined || right === undefined) return undefined
  return likelySlip(right, device.username, othersNear(rules, secrets, place, device), isPassword)
}

/** The device that the box knows at this address, then its neighbours in the setup document. */
function othersNear(
  rules: Rules,
  secrets: Secrets,
  place: GuessPlace,
  device: DeviceSetup,
): readonly OtherPassword[] {
  const { devices } = rules.setup
  const at = devices.indexOf(device)
  const here = deviceAt(rules, place)
  const known = place.remembered === undefined ? undefined : rules.byName.get(place.remembered)
  const near = [here, known, devices[at - 1], devices[at + 1], devices[at - 2], devices[at + 2]]
  const others = new Set(near.filter((other) => other !== undefined && other !== device))
  return [...others].slice(0, mostOthers).flatMap((other) => {
    const password = passwordOf(secrets, other)
    return other === undefined || password === undefined ? [] : { device: other.name, password }
  })
}

function passwordOf(secrets: Secrets, device: DeviceSetup | undefined): string | undefined {
  if (device?.password === undefined) return undefined
  const opened = secrets.open(device.password)
  return opened.kind === 'open' ? opened.value : undefined
}
