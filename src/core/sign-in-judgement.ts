import type { OtherHardware, SessionStory, SignInTrouble, Slip } from './session-event.ts'
import { type Cure, type Verdict, type VerdictCode, verdictCodes } from './verdict.ts'

const advice = (words: string): Cure => ({ kind: 'advice', words })

const verdict = (code: VerdictCode, sentence: string, cure: Cure | undefined): Verdict => ({
  code,
  sentence,
  evidence: [],
  cure,
})

/** What is wrong with a sign-in: the session tells, the reply does not (docs/decisions/0013). */
export function refusedSignIn(trouble: SignInTrouble, story: SessionStory): Verdict {
  switch (trouble.kind) {
    case 'unknown-login':
      return unknownLogin(trouble, story)
    case 'wrong-password':
      return wrongPassword(trouble.device, trouble.slip)
    case 'no-password':
      return verdict(
        'A5',
        `The device ${trouble.device} has no password in the setup.`,
        advice(`Give it one (device rotate), or switch signing in off at its panel.`),
      )
    case 'not-here':
      return notHere(trouble, story)
    case 'other-hardware':
      return otherHardware(trouble.hardware)
    case 'mechanism':
      return otherMechanism(trouble)
    case 'switched-off':
      return switchedOff(trouble.device)
    case 'vault':
      return verdict('A8', `The stored password can not be opened: ${trouble.detail}.`, restoreKey)
    case 'needs-encryption':
      return needsEncryption(trouble.device)
    case 'too-many-guesses':
      return verdict('A9', verdictCodes.A9.sentence, cardOf(story.device?.name))
  }
}

const cardOf = (device: string | undefined): Cure =>
  advice(
    device === undefined
      ? 'Type user name and password again as its card shows them.'
      : `Type the password again as the card shows it (device card "${device}").`,
  )

const restoreKey = advice('Put vault.key back, or give the device a new password (device rotate).')

function unknownLogin(
  { closest }: Extract<SignInTrouble, { kind: 'unknown-login' }>,
  { address, device }: SessionStory,
): Verdict {
  const what = 'No device has the user name that it says'
  if (closest !== undefined) {
    return verdict('A1', `${what}; the closest is "${closest}".`, advice(`Type ${closest} as user name.`))
  }
  if (device !== undefined) return verdict('A1', `${what}.`, cardOf(device.name))
  return verdict('A1', `${what}.`, {
    kind: 'adopt',
    address,
    words: `Make ${address} a device, or type a user name of the setup.`,
  })
}

const slips: Readonly<Record<Exclude<Slip['kind'], 'other-device'>, string>> = {
  case: 'Its password is right but for upper and lower case.',
  space: 'Its password is right but for spaces.',
  'look-alike': 'Its password is right but for signs that look alike (O and 0; l, I and 1).',
  keyboard: 'Its password is right but for y and z: the keyboard has another layout.',
  'user-name': 'It says its user name as the password.',
}

function wrongPassword(device: string, slip: Slip | undefined): Verdict {
  if (slip === undefined) return verdict('A5', `The password for ${device} is wrong.`, cardOf(device))
  if (slip.kind === 'other-device') {
    const sentence = `The password is that of ${slip.device}, the user name that of ${device}.`
    return verdict('A2', sentence, advice('Type user name and password of the same card.'))
  }
  return verdict('A2', slips[slip.kind], cardOf(device))
}

function notHere(
  { device, isBound }: Extract<SignInTrouble, { kind: 'not-here' }>,
  { address }: SessionStory,
): Verdict {
  if (!isBound) {
    return verdict('A7', `The device ${device} may sign in from trusted networks only.`, {
      kind: 'setting',
      table: 'gateway',
      key: 'trusted_networks',
      adds: address,
      words: `Add the network of ${address} to trusted_networks.`,
    })
  }
  return verdict('A7', `The device ${device} has other addresses than ${address}.`, {
    kind: 'device-setting',
    device,
    key: 'addresses',
    adds: address,
    words: `Add ${address} to the addresses of ${device}.`,
  })
}

export function otherHardware({ device, expected, found }: OtherHardware): Verdict {
  const sentence = `The address is that of ${device}, the hardware is another: ${found ?? 'unknown'} and not ${expected}.`
  if (found === undefined) {
    return verdict('A7', sentence, advice(`Where a router is between, leave mac of ${device} empty.`))
  }
  const words = `If the device was replaced, set mac of ${device} to ${found}.`
  return verdict('A7', sentence, { kind: 'device-setting', device, key: 'mac', value: found, words })
}

function otherMechanism({ device, mechanism }: Extract<SignInTrouble, { kind: 'mechanism' }>): Verdict {
  const sentence = `It insists on ${mechanism || 'another mechanism'}, which is not taken here.`
  if (device === undefined || mechanism !== 'CRAM-MD5') {
    return verdict('A3', sentence, advice('Set it to LOGIN or PLAIN.'))
  }
  const words = `Set it to LOGIN or PLAIN, or add CRAM-MD5 to auth of ${device}.`
  return verdict('A3', sentence, { kind: 'device-setting', device, key: 'auth', adds: mechanism, words })
}

export const switchedOff = (device: string): Verdict =>
  verdict('A6', `The device ${device} is switched off in the setup.`, {
    kind: 'device-setting',
    device,
    key: 'enabled',
    value: true,
    words: `Switch ${device} on again.`,
  })

export const needsEncryption = (device: string | undefined): Verdict =>
  device === undefined
    ? verdict(
        'T8',
        'Passwords may be said in clear on trusted networks only.',
        advice('Turn on encryption at it.'),
      )
    : verdict(
        'T8',
        `The device ${device} must use encryption (require_tls).`,
        advice('Turn on encryption at it.'),
      )
