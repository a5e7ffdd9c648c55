import type { RefusalDetail, SessionEvent, SessionStory } from './session-event.ts'
import { needsEncryption, refusedSignIn, switchedOff } from './sign-in-judgement.ts'
import { type Cure, type Verdict, verdictCodes } from './verdict.ts'

type Refused = Extract<SessionEvent, { kind: 'refused' }>

const advice = (words: string): Cure => ({ kind: 'advice', words })

/** A refusal: by what is known of it, else by its code. */
export function refusedReply({ reply, detail }: Refused, story: SessionStory): Verdict {
  if (detail === undefined) return byCode(reply.verdict, story)
  switch (detail.kind) {
    case 'recipient':
      return refusedRecipient(detail, reply.verdict, story)
    case 'sender':
      return {
        ...plain('S1'),
        evidence: [`MAIL FROM:<${shown(detail.said)}>`],
        cure: giveSender(story),
      }
    default:
      return refusedSignIn(detail, story)
  }
}

/** Whatever it calls itself: its mail leaves as the box's own sender then. */
function giveSender({ device, gateway }: SessionStory): Cure {
  if (!device || device.sender !== undefined || gateway.sender === undefined)
    return advice('Type a whole mail address as its sender, or give the device a sender in the setup.')
  return {
    kind: 'device-setting',
    device: device.name,
    key: 'sender',
    value: gateway.sender,
    words: `Let mail of ${device.name} leave as ${gateway.sender}, or type a whole mail address as its sender.`,
  }
}

const plain = (code: Refused['reply']['verdict']): Verdict => ({
  code,
  sentence: verdictCodes[code].sentence,
  evidence: [],
  cure: undefined,
})

function byCode(code: Refused['reply']['verdict'], story: SessionStory): Verdict {
  const { device } = story
  switch (code) {
    case 'A4':
      return notSignedIn(story)
    case 'A6':
      return device ? switchedOff(device.name) : plain(code)
    case 'T8':
      return needsEncryption(device?.requireTls === true ? device.name : undefined)
    case 'Q1':
      return aboveItsRate(story)
    case 'Z1':
      return tooLarge(story)
    case 'N5':
      return {
        ...plain(code),
        cure: {
          kind: 'setting',
          table: 'gateway',
          key: 'trusted_networks',
          adds: story.address,
          words: `If ${story.address} is yours, add its network to trusted_networks, or make it a device.`,
        },
      }
    default: {
      const words = advices[code]
      return words === undefined ? plain(code) : { ...plain(code), cure: advice(words) }
    }
  }
}

const advices: Readonly<Partial<Record<Refused['reply']['verdict'], string>>> = {
  N6: 'If it is a machine that keeps connections open, raise limits.connections_per_address.',
  N7: 'Look what at that address speaks SMTP in a loop: a monitor, a test, a device that hangs.',
  A3: 'Set it to LOGIN or PLAIN.',
  S1: 'Give the device a sender in the setup.',
  R3: 'Send to fewer at once, use an alias for a group, or raise limits.recipients.',
  Z2: 'Scan at a lower resolution, or add a way out that takes larger mail.',
  W1: 'Switch signing or encryption of mail off at it, or give it another route.',
  K1: 'See status: make room on the disk. The device tries again.',
  K2: 'See status and the log. The device tries again.',
  K3: 'Try again; if it goes on, raise limits.memory.',
  K4: 'Try again.',
  K5: 'Adopt the devices whose mail waits, or drop it: see device sightings and queue.',
}

function notSignedIn({ device, address }: SessionStory): Verdict {
  if (device?.password !== undefined) {
    return {
      ...plain('A4'),
      sentence: `The device ${device.name} has a password and sends without signing in.`,
      cure: advice(
        `Turn on signing in at its panel (device card "${device.name}"), or take its password away.`,
      ),
    }
  }
  const words = `Type user name and password at its panel, or make ${address} a device without password.`
  return {
    ...plain('A4'),
    sentence: 'It sends without signing in, and no device without password has its address.',
    cure: { kind: 'adopt', address, words },
  }
}

function aboveItsRate({ device }: SessionStory): Verdict {
  if (!device) return plain('Q1')
  const { name, maxPerHour } = device
  return {
    ...plain('Q1'),
    sentence: `The device ${name} sent ten times its ${maxPerHour} mails an hour.`,
    cure: {
      kind: 'device-setting',
      device: name,
      key: 'max_per_hour',
      value: 2 * maxPerHour,
      words: `See what it is sending; if that is right, raise max_per_hour of ${name}.`,
    },
  }
}

const megabytes = (octets: number): string => `${(octets / 1e6).toFixed(octets < 1e7 ? 1 : 0)} MB`

const tooLarge = ({ gateway }: SessionStory): Verdict => ({
  ...plain('Z1'),
  sentence: `The mail is larger than ${megabytes(gateway.maxMessageSize)}.`,
  cure: advice('Scan at a lower resolution or in black and white, or raise gateway.max_message_size.'),
})

const longestShown = 100

const shown = (said: string): string =>
  said.length > longestShown ? `${said.slice(0, longestShown)}…` : said

function refusedRecipient(
  { said, forbidden }: Extract<RefusalDetail, { kind: 'recipient' }>,
  code: Refused['reply']['verdict'],
  { device }: SessionStory,
): Verdict {
  const evidence = [`RCPT TO:<${shown(said)}>`]
  if (code === 'R2') {
    const words = 'Type the whole address at it, make the name an alias, or set gateway.default_domain.'
    return {
      ...plain('R2'),
      sentence: `The recipient "${shown(said)}" has no domain.`,
      evidence,
      cure: advice(words),
    }
  }
  if (device === undefined || forbidden === undefined) {
    const sentence = `The recipient "${shown(said)}" is no address that mail can go to.`
    return {
      ...plain('R1'),
      sentence,
      evidence,
      cure: advice('Correct it in the address book of the device.'),
    }
  }
  return {
    ...plain('R1'),
    sentence: `The device ${device.name} may not write to "${shown(forbidden)}".`,
    evidence,
    cure: {
      kind: 'device-setting',
      device: device.name,
      key: 'allowed_recipients',
      adds: forbidden,
      words: `Correct the address, or add it to allowed_recipients of ${device.name}.`,
    },
  }
}

export function cutData(
  { octets, how }: Extract<SessionEvent, { kind: 'data-cut' }>,
  story: SessionStory,
): Verdict {
  const evidence = [`${octets} octets of DATA had come`]
  switch (how) {
    case 'stopping':
      return { ...plain('K4'), evidence, cure: advice('Try again.') }
    case 'closed':
    case 'silent': {
      const sentence = `The connection ${how === 'closed' ? 'broke' : 'went silent'} after ${size(octets)} of the mail.`
      return {
        ...plain('D1'),
        sentence,
        evidence,
        cure: advice('Look at its Wi-Fi or cable, and send again.'),
      }
    }
    case 'unended':
      return unended(evidence, story)
  }
}

const size = (octets: number): string => (octets < 1e5 ? `${octets} octets` : megabytes(octets))

function unended(evidence: readonly string[], { device }: SessionStory): Verdict {
  const sentence = 'It ended the mail by LF.LF, which is no end in SMTP, and waited.'
  if (!device) return { ...plain('D2'), sentence, evidence }
  const words = `Let LF.LF end the mail of ${device.name} (data_end).`
  const cure = { kind: 'device-setting', device: device.name, key: 'data_end', value: 'lf', words } as const
  return { ...plain('D2'), sentence, evidence, cure }
}
